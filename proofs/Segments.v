(** * Equal segments: the hyperbolic law and no other (chapter _hyperbolic_)

    [depth] stands for -ln|w|: a segment of weights is a segment of depths. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical.
From GoldenTickets Require Import Sums Probability Spaces Hyperbolic.
Open Scope R_scope.

Section Depth.
Context {Om : Type} (P : probability Om) (depth : Om -> R) (L : R).
Hypothesis L_pos : 0 < L.
Hypothesis in_range : forall o, 0 <= depth o <= L.
(** Closed and half-open segments of depths are events. *)
Hypothesis measurable : forall s t, ev P (fun o => s <= depth o <= t).

Definition Q (s t : R) : R := Pr P (fun o => s <= depth o <= t).

Lemma Q_mono s t s' t' : s' <= s -> t <= t' -> Q s t <= Q s' t'.
Proof. intros Hs Ht. apply Pr_mono; [apply measurable|apply measurable|]. intros o. lra. Qed.

Lemma Q_nonneg s t : 0 <= Q s t.
Proof. apply Pr_pos, measurable. Qed.

Lemma Q_all : Q 0 L = 1.
Proof.
  unfold Q. rewrite <- (Pr_true _ P). apply Pr_ext. intros o. specialize (in_range o). tauto.
Qed.

(** Two segments that do not meet. *)
Lemma Q_disjoint s t s' t' u v : t < s' -> u <= s -> t' <= v -> s <= t -> s' <= t' ->
  Q s t + Q s' t' <= Q u v.
Proof.
  intros H Hu Hv Hst Hst'. unfold Q. rewrite <- Pr_add; [|apply measurable|apply measurable|].
  - apply Pr_mono; [apply ev_or; apply measurable|apply measurable|]. intros o. lra.
  - intros o. lra.
Qed.

(** Two neighbours; what is added is the common end. *)
Lemma Q_neighbours s t v : s <= t <= v -> Q s v <= Q s t + Q t v.
Proof.
  intros H. unfold Q. eapply Rle_trans; [|apply Pr_or; apply measurable].
  apply Pr_mono; [apply measurable|apply ev_or; apply measurable|]. intros o. lra.
Qed.

Lemma Q_neighbours_point s t v : s <= t <= v -> Q s t + Q t v <= Q s v + Q t t.
Proof.
  intros H. set (A := fun o => s <= depth o <= t). set (B := fun o => t <= depth o <= v).
  assert (VA : ev P A) by apply measurable. assert (VB : ev P B) by apply measurable.
  assert (VBA : ev P (fun o => B o /\ ~ A o)) by (apply ev_and; [exact VB|apply ev_not, VA]).
  assert (E : Q t v <= Pr P (fun o => B o /\ ~ A o) + Q t t).
  { unfold Q. fold B. rewrite (Pr_cases P B A VB VA), Rplus_comm. apply Rplus_le_compat_l.
    apply Pr_mono; [apply ev_and; assumption|apply measurable|]. unfold A, B. intros o. lra. }
  assert (F : Q s t + Pr P (fun o => B o /\ ~ A o) <= Q s v).
  { unfold Q. fold A. rewrite <- Pr_add; [|exact VA|exact VBA|tauto].
    apply Pr_mono; [apply ev_or; assumption|apply measurable|]. unfold A, B. intros o. lra. }
  lra.
Qed.

(** For this [m] the [m] segments of depth are equally likely. *)
Definition equal_segments (m : nat) : Prop :=
  forall i j, (i < m)%nat -> (j < m)%nat ->
  Q (INR i * (L / INR m)) (INR (S i) * (L / INR m)) =
  Q (INR j * (L / INR m)) (INR (S j) * (L / INR m)).

Section OneBase.
Variable m : nat.
Hypothesis m_pos : (1 <= m)%nat.
Hypothesis equal : equal_segments m.
Let h := L / INR m.
Let p := Q (INR 0 * h) (INR 1 * h).

Lemma m_h : INR m * h = L.
Proof. unfold h. field. apply not_0_INR. lia. Qed.

Lemma h_pos : 0 < h.
Proof. apply Rdiv_lt_0_compat; [exact L_pos|apply lt_0_INR; lia]. Qed.

Lemma segment i : (i < m)%nat -> Q (INR i * h) (INR (S i) * h) = p.
Proof. intros Hi. apply (equal i 0%nat); lia. Qed.

(** Every second segment: they do not meet, so twice as many have probability 1 at most. *)
Lemma every_second i : (2 * i < m)%nat ->
  INR (S i) * p <= Q 0 (INR (S (2 * i)) * h).
Proof.
  pose proof h_pos as Hh. induction i as [|i IH]; intros Hi.
  - change (INR 1 * p <= Q 0 (INR 1 * h)). unfold p. change (INR 1) with 1. change (INR 0) with 0.
    rewrite Rmult_1_l, Rmult_0_l. lra.
  - specialize (IH ltac:(lia)). rewrite (S_INR (S i)).
    replace (2 * S i)%nat with (S (S (2 * i))) in * by lia.
    pose proof (Q_disjoint 0 (INR (S (2 * i)) * h) (INR (S (S (2 * i))) * h)
      (INR (S (S (S (2 * i)))) * h) 0 (INR (S (S (S (2 * i)))) * h)) as D.
    rewrite (segment (S (S (2 * i)))) in D by exact Hi.
    rewrite !S_INR in *. pose proof (pos_INR (2 * i)).
    assert (0 <= INR (2 * i) * h) by (apply Rmult_le_pos; lra).
    assert (Q 0 ((INR (2 * i) + 1) * h) + p <= Q 0 ((INR (2 * i) + 1 + 1 + 1) * h))
      by (apply D; lra). lra.
Qed.

Lemma p_small : INR m * p <= 2.
Proof.
  pose proof (Q_nonneg (INR 0 * h) (INR 1 * h)) as Pp. fold p in Pp. pose proof h_pos as Hh.
  set (i := Nat.div2 (m - 1)).
  assert (E : (2 * i <= m - 1 <= 2 * i + 1)%nat).
  { unfold i. pose proof (Nat.div2_odd (m - 1)). destruct (Nat.odd (m - 1)); simpl in *; lia. }
  pose proof (every_second i ltac:(lia)) as H.
  assert (Q 0 (INR (S (2 * i)) * h) <= 1).
  { rewrite <- Q_all. apply Q_mono; [lra|]. rewrite <- m_h. apply Rmult_le_compat_r; [lra|].
    apply le_INR. lia. }
  assert (INR m <= 2 * INR (S i)).
  { replace (2 * INR (S i)) with (INR (2 * S i)) by (rewrite mult_INR; simpl; ring).
    apply le_INR. lia. }
  nra.
Qed.
End OneBase.

(** Such bases there are infinitely many. *)
Hypothesis infinitely_many : forall n, exists m, (n <= m)%nat /\ equal_segments m.

Lemma in_segment k h t : 0 < h -> 0 <= t <= INR k * h -> (1 <= k)%nat ->
  exists i, (i < k)%nat /\ INR i * h <= t <= INR (S i) * h.
Proof.
  intros Hh. induction k as [|k IH]; intros Ht Hk; [lia|].
  destruct (Rle_dec (INR k * h) t) as [G|G]; [exists k; split; [lia|lra]|].
  destruct k as [|k]; [simpl in G; lra|].
  destruct (IH ltac:(lra) ltac:(lia)) as (i & Hi & B). exists i. split; [lia|exact B].
Qed.

(** [1 / n] is as small as one likes. *)
Lemma not_always x c : 0 <= c ->
  (forall n, exists m, (n <= m)%nat /\ (1 <= m)%nat /\ x <= c / INR m) -> x <= 0.
Proof.
  intros Hc H. apply Rnot_lt_le. intros X.
  destruct (H (nceil (c / x + 1))) as (m & Hm & M1 & B).
  assert (M0 : 0 < INR m) by (apply lt_0_INR; lia).
  apply le_INR in Hm. pose proof (nceil_ge (c / x + 1)).
  assert (C : c / x < INR m) by lra.
  assert (c < x * INR m).
  { replace c with (x * (c / x)) by (field; lra). apply Rmult_lt_compat_l; lra. }
  assert (x * INR m <= c).
  { replace c with (c / INR m * INR m) by (field; lra). apply Rmult_le_compat_r; lra. }
  lra.
Qed.

(** No depth has a probability of its own. *)
Lemma no_point t : 0 <= t <= L -> Q t t = 0.
Proof.
  intros Ht. apply Rle_antisym; [|apply Q_nonneg]. apply (not_always _ 2); [lra|]. intros n.
  destruct (infinitely_many (Nat.max 1 n)) as (m & Hm & Eq). exists m. split; [lia|]. split; [lia|].
  assert (M1 : (1 <= m)%nat) by lia. assert (M0 : 0 < INR m) by (apply lt_0_INR; lia).
  pose proof (m_h m M1) as mh. pose proof (h_pos m M1) as Hh.
  destruct (in_segment m (L / INR m) t Hh) as (i & Hi & B); [lra|exact M1|].
  apply Rle_trans with (Q (INR 0 * (L / INR m)) (INR 1 * (L / INR m))).
  - rewrite <- (segment m M1 Eq i Hi). apply Q_mono; apply B.
  - pose proof (p_small m M1 Eq) as S2. apply Rmult_le_reg_r with (INR m); [exact M0|].
    unfold Rdiv. rewrite (Rmult_assoc 2), Rinv_l by lra. lra.
Qed.

Lemma additive s t v : 0 <= s <= t -> t <= v <= L -> Q s v = Q s t + Q t v.
Proof.
  intros Hs Hv. pose proof (Q_neighbours s t v ltac:(lra)).
  pose proof (Q_neighbours_point s t v ltac:(lra)). rewrite (no_point t) in * by lra. lra.
Qed.

(** The distribution function on the grid of [m]. *)
Lemma on_grid m j : (1 <= m)%nat -> equal_segments m -> (j <= m)%nat ->
  Q 0 (INR j * (L / INR m)) = INR j * Q (INR 0 * (L / INR m)) (INR 1 * (L / INR m)).
Proof.
  intros M1 Eq. pose proof (m_h m M1) as mh. pose proof (h_pos m M1) as Hh.
  set (h := L / INR m) in *. set (p := Q (INR 0 * h) (INR 1 * h)).
  induction j as [|j IH]; intros Hj.
  - simpl. rewrite !Rmult_0_l. apply no_point. lra.
  - assert (J : INR (S j) * h <= L)
      by (rewrite <- mh; apply Rmult_le_compat_r; [lra|apply le_INR, Hj]).
    assert (J0 : 0 <= INR j * h) by (apply Rmult_le_pos; [apply pos_INR|lra]).
    rewrite (additive 0 (INR j * h)); [|lra|rewrite S_INR in *; lra].
    rewrite IH by lia. pose proof (segment m M1 Eq j ltac:(lia)) as Sg. fold h in Sg. fold p in Sg.
    rewrite Sg, S_INR. ring.
Qed.

Lemma distribution t : 0 <= t <= L -> Q 0 t = t / L.
Proof.
  intros Ht.
  assert (B : Rabs (Q 0 t - t / L) <= 0).
  { apply (not_always _ 1); [lra|]. intros n.
    destruct (infinitely_many (Nat.max 1 n)) as (m & Hm & Eq). exists m. split; [lia|]. split; [lia|].
    assert (M1 : (1 <= m)%nat) by lia. assert (M0 : 0 < INR m) by (apply lt_0_INR; lia).
    pose proof (m_h m M1) as mh. pose proof (h_pos m M1) as Hh.
    pose proof (on_grid m m M1 Eq (le_n m)) as Pm. rewrite mh, Q_all in Pm.
    destruct (in_segment m (L / INR m) t Hh) as (i & Hi & Bi); [lra|exact M1|].
    pose proof (on_grid m i M1 Eq ltac:(lia)) as P1.
    pose proof (on_grid m (S i) M1 Eq ltac:(lia)) as P2.
    set (h := L / INR m) in *. set (p := Q (INR 0 * h) (INR 1 * h)) in *.
    assert (Ep : p = / INR m) by (apply Rmult_eq_reg_l with (INR m); [rewrite Rinv_r|]; lra).
    assert (F1 : Q 0 (INR i * h) <= Q 0 t) by (apply Q_mono; lra).
    assert (F2 : Q 0 t <= Q 0 (INR (S i) * h)) by (apply Q_mono; lra).
    rewrite P1, P2, Ep, S_INR in *.
    assert (T1 : INR i * / INR m <= t / L).
    { replace (INR i * / INR m) with (INR i * h / L) by (unfold h; field; lra).
      apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat|]; lra. }
    assert (T2 : t / L <= (INR i + 1) * / INR m).
    { replace ((INR i + 1) * / INR m) with ((INR i + 1) * h / L) by (unfold h; field; lra).
      apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat|]; lra. }
    unfold Rdiv at 2. rewrite Rmult_1_l. apply Rabs_le. lra. }
  pose proof (Rabs_pos (Q 0 t - t / L)). assert (E : Rabs (Q 0 t - t / L) = 0) by lra.
  destruct (Req_dec (Q 0 t - t / L) 0) as [|N]; [lra|]. apply Rabs_no_R0 in N. lra.
Qed.

Lemma uniform_depth s t : 0 <= s <= t -> t <= L -> Q s t = (t - s) / L.
Proof.
  intros Hs Ht. pose proof (additive 0 s t ltac:(lra) ltac:(lra)) as A.
  rewrite !distribution in A by lra. unfold Rdiv in *. lra.
Qed.
End Depth.

(** [equal-segments-iff-hyperbolic] (whole): the law (ii) is given by the probabilities of all segments,
    which are the integrals of its density ([hyperbolic_density]); for a random number [w] of any probability in which
    segments of magnitudes are events; [many_bases] is (i) for the bases [alpha^(-1/m)] alone. *)
Theorem equal_segments_iff_hyperbolic {Om} (P : probability Om) (w : Om -> R) alpha :
  0 < alpha < 1 -> (forall o, alpha <= Rabs (w o) <= 1) ->
  (forall x y, ev P (fun o => x <= Rabs (w o) <= y)) ->
  let segment gamma i := Pr P (fun o => / gamma ^ (i + 1) <= Rabs (w o) <= / gamma ^ i) in
  let equally_likely gamma := forall i j,
    alpha <= / gamma ^ (i + 1) -> alpha <= / gamma ^ (j + 1) -> segment gamma i = segment gamma j in
  let all_bases := forall gamma, 1 < gamma -> equally_likely gamma in
  let many_bases := forall n, exists m,
    (n <= m)%nat /\ equally_likely (exp (ln (/ alpha) / INR m)) in
  let hyperbolic_law := forall x y, alpha <= x <= y -> y <= 1 ->
    Pr P (fun o => x <= Rabs (w o) <= y) = ln (y / x) / ln (/ alpha) in
  (all_bases <-> hyperbolic_law) /\ (many_bases <-> hyperbolic_law) /\
  (hyperbolic_law -> forall gamma i, 1 < gamma -> alpha <= / gamma ^ (i + 1) ->
     segment gamma i = ln gamma / ln (/ alpha)).
Proof.
  intros Ha Hw HE segment equally_likely all_bases many_bases hyperbolic_law.
  set (L := ln (/ alpha)).
  assert (HL : 0 < L).
  { unfold L. rewrite ln_Rinv by lra. assert (ln alpha < ln 1) by (apply ln_increasing; lra).
    rewrite ln_1 in *. lra. }
  set (depth := fun o => - ln (Rabs (w o))).
  (* a segment of depths is one of magnitudes *)
  assert (T : forall s t o, s <= depth o <= t <-> exp (- t) <= Rabs (w o) <= exp (- s)).
  { intros s t o. specialize (Hw o). unfold depth.
    assert (E : Rabs (w o) = exp (ln (Rabs (w o)))) by (rewrite exp_ln; lra).
    split; intros [A B].
    - rewrite E. split; apply exp_le; lra.
    - split.
      + destruct (Rle_dec s (- ln (Rabs (w o)))) as [|N]; [assumption|exfalso].
        assert (exp (- s) < exp (ln (Rabs (w o)))) by (apply exp_increasing; lra). lra.
      + destruct (Rle_dec (- ln (Rabs (w o))) t) as [|N]; [assumption|exfalso].
        assert (exp (ln (Rabs (w o))) < exp (- t)) by (apply exp_increasing; lra). lra. }
  assert (R : forall o, 0 <= depth o <= L).
  { intros o. apply T. rewrite Ropp_0, exp_0. unfold L.
    rewrite ln_Rinv, Ropp_involutive, exp_ln by lra. apply Hw. }
  assert (M : forall s t, ev P (fun o => s <= depth o <= t))
    by (intros s t; apply (ev_ext _ P _ _ (fun o => iff_sym (T s t o))), HE).
  assert (PT : forall s t, Q P depth s t = Pr P (fun o => exp (- t) <= Rabs (w o) <= exp (- s)))
    by (intros s t; apply Pr_ext; intros o; apply T).
  assert (Pw : forall h i, / exp h ^ i = exp (- (INR i * h))).
  { intros h i. rewrite exp_Ropp. f_equal.
    induction i as [|i IH]; [simpl; rewrite Rmult_0_l, exp_0; ring|].
    rewrite S_INR. simpl. rewrite IH, <- exp_plus. f_equal. ring. }
  assert (Sg : forall h i, segment (exp h) i = Q P depth (INR i * h) (INR (S i) * h)).
  { intros h i. rewrite PT. unfold segment. rewrite !Pw, Nat.add_1_r. reflexivity. }
  assert (Al : alpha = exp (- L)) by (unfold L; rewrite ln_Rinv, Ropp_involutive, exp_ln; lra).
  assert (In : forall h i, alpha <= / exp h ^ (i + 1) <-> INR (S i) * h <= L).
  { intros h i. rewrite Pw, Al, Nat.add_1_r. split; intros H.
    - destruct (Rle_dec (INR (S i) * h) L) as [|N]; [assumption|exfalso].
      assert (exp (- (INR (S i) * h)) < exp (- L)) by (apply exp_increasing; lra). lra.
    - apply exp_le. lra. }
  assert (Common : hyperbolic_law -> forall gamma i, 1 < gamma -> alpha <= / gamma ^ (i + 1) ->
    segment gamma i = ln gamma / L).
  { intros H gamma i Hg Hi. assert (P0 : 0 < gamma ^ i) by (apply pow_lt; lra).
    assert (P1 : 0 < gamma ^ (i + 1)) by (apply pow_lt; lra). unfold segment. rewrite H.
    - unfold L. f_equal. f_equal. rewrite pow_add. simpl. field. lra.
    - split; [exact Hi|]. apply Rinv_le_contravar; [exact P0|]. apply Rle_pow; [lra|lia].
    - rewrite <- Rinv_1. apply Rinv_le_contravar; [lra|]. apply pow_R1_Rle. lra. }
  assert (Down : all_bases -> many_bases).
  { intros H n. exists (Nat.max 1 n). split; [lia|]. apply H.
    rewrite <- exp_0. apply exp_increasing, Rdiv_lt_0_compat; [exact HL|apply lt_0_INR; lia]. }
  assert (Up : hyperbolic_law -> all_bases).
  { intros H gamma Hg i j Hi Hj. rewrite !Common by assumption. reflexivity. }
  assert (Hard : many_bases -> hyperbolic_law).
  { intros H x y Hx Hy.
    assert (IM : forall n, exists m, (n <= m)%nat /\ equal_segments P depth L m).
    { intros n. destruct (H (Nat.max 1 n)) as (m & Hm & E). exists m. split; [lia|].
      intros i j Hi Hj. fold L in E. rewrite <- !Sg.
      assert (mh : INR m * (L / INR m) = L) by (field; apply not_0_INR; lia).
      assert (Hh : 0 <= L / INR m)
        by (left; apply Rdiv_lt_0_compat; [exact HL|apply lt_0_INR; lia]).
      apply E; apply In; rewrite <- mh at 2; apply Rmult_le_compat_r; try exact Hh;
        apply le_INR; lia. }
    pose proof (uniform_depth P depth L HL R M IM (- ln y) (- ln x)) as U.
    rewrite PT, !Ropp_involutive, !exp_ln in U by lra.
    rewrite U.
    - unfold Rdiv. rewrite ln_mult, ln_Rinv by (try apply Rinv_0_lt_compat; lra). fold L. ring.
    - assert (ln y <= ln 1)
        by (destruct (Req_dec y 1) as [->|]; [lra|left; apply ln_increasing; lra]).
      rewrite ln_1 in *. split; [lra|].
      assert (ln x <= ln y)
        by (destruct (Req_dec x y) as [->|]; [lra|left; apply ln_increasing; lra]). lra.
    - unfold L. rewrite ln_Rinv by lra.
      assert (ln alpha <= ln x)
        by (destruct (Req_dec alpha x) as [->|]; [lra|left; apply ln_increasing; lra]). lra. }
  split; [split; auto|]. split; [split; auto|]. exact Common.
Qed.
