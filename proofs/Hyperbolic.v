(** * One weight from logarithmically many samples (chapter _hyperbolic_)

    A sample is a neuron: [a] its out-weight, [b] its in-weight. Digits are counted from 0 here, so
    that digit [d] is digit [d + 1] of the book. *)

From Coq Require Import Reals Lra Psatz Lia Arith List Classical ClassicalEpsilon Bool.
From GoldenTickets Require Import Sums Golden_ratio Malach Probability Budget Spaces Uniform.
Open Scope R_scope.

(** The requirement of half [h] and digit [d] of the weight [w]; see [def-requirements] in the book.
    Segments are half-open: with closed ones a sample on a shared end would serve two digits. *)
Definition category (gamma w_max w : R) (h : bool) (d : nat) (a b : R) : Prop :=
  0 < sgn h * b /\ 0 < a * b * w /\
  w_max * / gamma ^ (d + 2) <= Rabs (a * b) < w_max * / gamma ^ (d + 1).

(** The samples that [keep] names stand for [w] up to [eps], on both halves of the inputs. *)
Definition stand_for (M : nat) (a b : nat -> R) (keep : nat -> bool) (w eps : R) : Prop :=
  forall y, Rabs (sum M (fun s => (if keep s then a s else 0) * relu (b s * y)) - w * y)
            <= eps * Rabs y.

(** ** Digits, each served by a sample of its own *)

(** Digit [d < k] is served by the sample [sel d]; kept are the samples of the digits in [bits]. *)
Definition chosen (k : nat) (sel : nat -> nat) (bits : nat -> bool) (s : nat) : bool :=
  existsb (fun d => Nat.eqb (sel d) s && bits d) (seq 0 k).

Lemma chosen_S k sel bits s :
  chosen (S k) sel bits s = chosen k sel bits s || (Nat.eqb (sel k) s && bits k).
Proof. unfold chosen. rewrite seq_S, existsb_app. simpl. now rewrite orb_false_r. Qed.

Lemma chosen_spec k sel bits s : chosen k sel bits s = true ->
  exists d, (d < k)%nat /\ sel d = s /\ bits d = true.
Proof.
  unfold chosen. rewrite existsb_exists. intros (d & Hd & H). apply in_seq in Hd.
  apply andb_true_iff in H. destruct H as [H1 H2]. apply Nat.eqb_eq in H1.
  exists d. repeat split; auto; lia.
Qed.

Lemma sum_chosen M k sel bits f : (forall d, (d < k)%nat -> (sel d < M)%nat) ->
  (forall d d', (d < k)%nat -> (d' < k)%nat -> sel d = sel d' -> d = d') ->
  sum M (fun s => if chosen k sel bits s then f s else 0) =
  sum k (fun d => if bits d then f (sel d) else 0).
Proof.
  induction k as [|k IH]; intros HM Hi; [apply sum_zero; reflexivity|].
  rewrite sum_S, <- IH by auto.
  rewrite (sum_ext M _ (fun s => (if chosen k sel bits s then f s else 0) +
    (if Nat.eqb (sel k) s then (if bits k then f s else 0) else 0))).
  - rewrite sum_plus, (sum_pick M (sel k) (fun s => if bits k then f s else 0)) by auto. reflexivity.
  - intros s _. rewrite chosen_S. destruct (chosen k sel bits s) eqn:E; simpl.
    + destruct (Nat.eqb_spec (sel k) s) as [e|_]; [|lra]. apply chosen_spec in E.
      destruct E as (d & Hd & E & _). assert (d = k) by (apply Hi; [lia|lia|congruence]). lia.
    + destruct (Nat.eqb (sel k) s), (bits k); simpl; lra.
Qed.

Lemma segments_disjoint gamma w_max d d' z : 1 < gamma -> 0 < w_max ->
  w_max * / gamma ^ (d + 2) <= z < w_max * / gamma ^ (d + 1) ->
  w_max * / gamma ^ (d' + 2) <= z < w_max * / gamma ^ (d' + 1) -> d = d'.
Proof.
  intros Hg Hv H H'.
  assert (K : forall p q, (p < q)%nat -> w_max * / gamma ^ (q + 1) <= w_max * / gamma ^ (p + 2)).
  { intros p q Hpq. apply Rmult_le_compat_l; [lra|]. apply inv_pow_le; [exact Hg|lia]. }
  destruct (lt_eq_lt_dec d d') as [[L|E]|L]; auto.
  - specialize (K d d' L). lra.
  - specialize (K d' d L). lra.
Qed.

(** One half of a weight: if every digit has a sample, greedy digits name the samples to keep. *)
Lemma one_half gamma w_max w h k M (a b : nat -> R) :
  1 < gamma <= phi -> 0 < Rabs w <= w_max ->
  (forall d, (d < k)%nat -> exists s, (s < M)%nat /\ category gamma w_max w h d (a s) (b s)) ->
  exists keep : nat -> bool, (forall s, keep s = true -> 0 < sgn h * b s) /\
    Rabs (sum M (fun s => if keep s then a s * b s else 0) - w) <= w_max * / gamma ^ k.
Proof.
  intros [Hg Hphi] Hw H. apply le_phi in Hphi; [|exact Hg].
  assert (exists sel, forall d, (d < k)%nat ->
    (sel d < M)%nat /\ category gamma w_max w h d (a (sel d)) (b (sel d))) as (sel & Hs).
  { assert (C : forall d, exists s, (d < k)%nat ->
      (s < M)%nat /\ category gamma w_max w h d (a s) (b s)).
    { intros d. destruct (lt_dec d k) as [Hd|Hd]; [|exists O; tauto].
      destruct (H d Hd) as (s & P). exists s; auto. }
    exists (fun d => proj1_sig (constructive_indefinite_description _ (C d))).
    intros d. destruct (constructive_indefinite_description _ (C d)); auto. }
  (* the magnitudes of the selected samples are digits of |w| *)
  set (x := fun i => Rabs (a (sel (pred i)) * b (sel (pred i)))).
  set (bits := fun d => bit x (Rabs w) d).
  exists (chosen k sel bits). split.
  - intros s E. apply chosen_spec in E. destruct E as (d & Hd & <- & _). apply (Hs d Hd).
  - rewrite (sum_chosen M k sel bits (fun s => a s * b s)).
    + destruct (digits_suffice_scaled gamma w_max x (Rabs w) k Hg Hphi) as [D0 D1]; [lra| |].
      { intros i Hi. destruct (Hs (pred i)) as (_ & _ & _ & Hx); [lia|]. unfold x.
        replace (pred i + 2)%nat with (i + 1)%nat in Hx by lia.
        replace (pred i + 1)%nat with i in Hx by lia. lra. }
      rewrite (sum_ext k _ (fun d => (if Rle_dec 0 w then 1 else -1) *
        (if bits d then x (S d) else 0))).
      * rewrite sum_scal.
        change (sum k (fun d => if bits d then x (S d) else 0)) with (greedy x (Rabs w) k).
        apply Rabs_le. destruct (Rle_dec 0 w).
        -- pose proof (Rabs_pos_eq w ltac:(lra)). lra.
        -- pose proof (Rabs_left w ltac:(lra)). lra.
      * intros d Hd. destruct (bits d); [|lra]. unfold x. simpl.
        destruct (Hs d Hd) as (_ & _ & Hp & _). destruct (Rle_dec 0 w).
        -- rewrite Rabs_pos_eq by nra. lra.
        -- rewrite Rabs_left by nra. lra.
    + intros d Hd. apply (Hs d Hd).
    + intros d d' Hd Hd' E.
      apply (segments_disjoint gamma w_max d d' (Rabs (a (sel d) * b (sel d)))); [exact Hg|lra| |].
      * apply (Hs d Hd).
      * rewrite E. apply (Hs d' Hd').
Qed.

Lemma scaled_error S w y eps : Rabs (S - w) <= eps -> Rabs (y * S - w * y) <= eps * Rabs y.
Proof.
  intros H. replace (y * S - w * y) with ((S - w) * y) by ring. rewrite Rabs_mult.
  apply Rmult_le_compat_r; [apply Rabs_pos|exact H].
Qed.

(** Two halves make a weight: the first for [y >= 0], the second for [y <= 0]. *)
Lemma two_halves M (a b : nat -> R) (keep1 keep2 : nat -> bool) w eps :
  (forall s, keep1 s = true -> 0 < b s) -> (forall s, keep2 s = true -> b s < 0) ->
  Rabs (sum M (fun s => if keep1 s then a s * b s else 0) - w) <= eps ->
  Rabs (sum M (fun s => if keep2 s then a s * b s else 0) - w) <= eps ->
  stand_for M a b (fun s => keep1 s || keep2 s) w eps.
Proof.
  intros B1 B2 H1 H2 y. destruct (Rle_dec 0 y) as [Y|Y].
  - rewrite (sum_ext M _ (fun s => y * (if keep1 s then a s * b s else 0))).
    + rewrite sum_scal. apply scaled_error, H1.
    + intros s _. destruct (keep1 s) eqn:K1; simpl.
      * specialize (B1 s K1). rewrite relu_pos by nra. ring.
      * destruct (keep2 s) eqn:K2; [|ring]. specialize (B2 s K2). rewrite relu_neg by nra. ring.
  - rewrite (sum_ext M _ (fun s => y * (if keep2 s then a s * b s else 0))).
    + rewrite sum_scal. apply scaled_error, H2.
    + intros s _. destruct (keep2 s) eqn:K2; simpl.
      * rewrite orb_true_r. specialize (B2 s K2). rewrite relu_pos by nra. ring.
      * rewrite orb_false_r. destruct (keep1 s) eqn:K1; [|ring].
        specialize (B1 s K1). rewrite relu_neg by nra. ring.
Qed.

(** If both halves have every digit, some samples stand for the weight. *)
Lemma one_weight gamma w_max w k M (a b : nat -> R) :
  1 < gamma <= phi -> 0 < Rabs w <= w_max ->
  (forall h d, (d < k)%nat ->
     exists s, (s < M)%nat /\ category gamma w_max w h d (a s) (b s)) ->
  exists keep, stand_for M a b keep w (w_max * / gamma ^ k).
Proof.
  intros Hg Hw H.
  destruct (one_half gamma w_max w true k M a b Hg Hw (H true)) as (k1 & B1 & H1).
  destruct (one_half gamma w_max w false k M a b Hg Hw (H false)) as (k2 & B2 & H2).
  exists (fun s => k1 s || k2 s). apply two_halves; auto.
  - intros s K. specialize (B1 s K). simpl in B1. lra.
  - intros s K. specialize (B2 s K). simpl in B2. lra.
Qed.

(** ** Counting digits and samples *)

Definition ceil (r : R) : Z := (1 - up (- r))%Z.

Lemma ceil_spec r : r <= IZR (ceil r) < r + 1.
Proof. unfold ceil. rewrite minus_IZR. destruct (archimed (- r)). lra. Qed.

(** The least natural number that is at least [r]. *)
Definition nceil (r : R) : nat := Z.to_nat (ceil r).

Lemma nceil_ge r : r <= INR (nceil r).
Proof.
  destruct (ceil_spec r) as [H _]. unfold nceil. destruct (Z_le_gt_dec 0 (ceil r)) as [L|L].
  - rewrite INR_IZR_INZ, Z2Nat.id by exact L. exact H.
  - assert (IZR (ceil r) <= 0) by (apply IZR_le; lia). pose proof (pos_INR (Z.to_nat (ceil r))). lra.
Qed.

Lemma nceil_lt r : 0 <= r -> INR (nceil r) < r + 1.
Proof.
  intros H. destruct (ceil_spec r) as [L U]. unfold nceil.
  rewrite INR_IZR_INZ, Z2Nat.id; [exact U|]. apply le_IZR. lra.
Qed.

Lemma nceil_is r n : INR n - 1 < r <= INR n -> nceil r = n.
Proof.
  intros H. pose proof (nceil_ge r) as L. apply Nat.le_antisymm.
  - apply INR_le. destruct (Rle_dec 0 r) as [Z|Z].
    + pose proof (nceil_lt r Z) as U. apply Rnot_lt_le. intros K.
      apply INR_lt in K. assert (S n <= nceil r)%nat as Q by lia. apply le_INR in Q.
      rewrite S_INR in Q. lra.
    + unfold nceil. destruct (ceil_spec r) as [_ U].
      assert (ceil r <= 0)%Z by (apply Zlt_succ_le, lt_IZR; simpl; lra).
      replace (Z.to_nat (ceil r)) with 0%nat by lia. apply pos_INR.
  - assert (INR n < INR (nceil r) + 1) as Q by lra. rewrite <- S_INR in Q. apply INR_lt in Q. lia.
Qed.

(** k in the book, at least 1: [lp.count_digits] gives 0 where [w_max <= eps]. *)
Definition count_digits (gamma w_max eps : R) : nat :=
  Nat.max 1 (nceil (ln (w_max / eps) / ln gamma)).

Lemma count_digits_is gamma w_max eps k : 1 < gamma -> 0 < eps < w_max -> (1 <= k)%nat ->
  eps * gamma ^ (k - 1) < w_max <= eps * gamma ^ k -> count_digits gamma w_max eps = k.
Proof.
  intros Hg He Hk [Hl Hu]. unfold count_digits.
  assert (LG : 0 < ln gamma) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (X : 0 < w_max / eps) by (apply Rdiv_lt_0_compat; lra).
  assert (W : forall j, ln (eps * gamma ^ j / eps) / ln gamma = INR j).
  { intros j. replace (eps * gamma ^ j / eps) with (gamma ^ j) by (field; lra).
    rewrite ln_pow by lra. field. lra. }
  assert (D : 0 < / eps /\ 0 < / ln gamma) by (split; apply Rinv_0_lt_compat; lra).
  assert (U : ln (w_max / eps) / ln gamma <= INR k).
  { rewrite <- W. apply Rmult_le_compat_r; [lra|]. apply ln_le; [exact X|].
    apply Rmult_le_compat_r; lra. }
  assert (L : INR (k - 1) < ln (w_max / eps) / ln gamma).
  { rewrite <- W. apply Rmult_lt_compat_r; [lra|]. apply ln_increasing.
    - apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; [lra|apply pow_lt; lra]|lra].
    - apply Rmult_lt_compat_r; lra. }
  rewrite (nceil_is _ k); [lia|]. rewrite minus_INR in L by exact Hk. simpl in L. lra.
Qed.

Lemma count_digits_pos gamma w_max eps : 1 <= INR (count_digits gamma w_max eps).
Proof. apply (le_INR 1). unfold count_digits. lia. Qed.

Lemma count_digits_enough gamma w_max eps : 1 < gamma -> 0 < eps ->
  w_max * / gamma ^ count_digits gamma w_max eps <= eps.
Proof.
  intros Hg He. set (k := count_digits gamma w_max eps).
  assert (P : 0 < gamma ^ k) by (apply pow_lt; lra).
  assert (LG : 0 < ln gamma) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (H : w_max <= eps * gamma ^ k).
  { destruct (Rle_dec w_max 0) as [N|N];
      [assert (0 <= eps * gamma ^ k) by (apply Rmult_le_pos; lra); lra|].
    assert (X : 0 < w_max / eps) by (apply Rdiv_lt_0_compat; lra).
    assert (K : ln (w_max / eps) / ln gamma <= INR k)
      by (eapply Rle_trans; [apply nceil_ge|]; apply le_INR; unfold k, count_digits; lia).
    assert (w_max / eps <= gamma ^ k).
    { rewrite <- Rpower_pow by lra. unfold Rpower. rewrite <- (exp_ln (w_max / eps)) by exact X.
      apply exp_le. replace (ln (w_max / eps)) with (ln (w_max / eps) / ln gamma * ln gamma)
        by (field; lra). apply Rmult_le_compat_r; lra. }
    replace w_max with (eps * (w_max / eps)) by (field; lra). apply Rmult_le_compat_l; lra. }
  apply Rmult_le_reg_r with (gamma ^ k); [exact P|]. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Lemma count_digits_lt gamma w_max eps : 1 < gamma -> 0 < eps < w_max ->
  INR (count_digits gamma w_max eps) < ln (w_max / eps) / ln gamma + 1.
Proof.
  intros Hg He. pose proof (ln_ratio eps w_max ltac:(lra)) as L.
  assert (LG : 0 < ln gamma) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (X : 0 < ln (w_max / eps) / ln gamma) by (apply Rdiv_lt_0_compat; lra).
  unfold count_digits.
  destruct (Nat.max_spec 1 (nceil (ln (w_max / eps) / ln gamma))) as [[_ ->]|[_ ->]];
    [apply nceil_lt; lra|simpl; lra].
Qed.

(** ** The theorem for one weight *)

(** The [2 k] requirements of a weight in one row: first the half for [x > 0], then the other. *)
Definition half (k q : nat) : bool := (q <? k)%nat.
Definition digit (k q : nat) : nat := if (q <? k)%nat then q else (q - k)%nat.

Lemma digit_lt k q : (q < k + k)%nat -> (digit k q < k)%nat.
Proof. unfold digit. intros. destruct (Nat.ltb_spec q k); lia. Qed.

Definition requirement (gamma w_max w : R) (k q : nat) : R -> R -> Prop :=
  category gamma w_max w (half k q) (digit k q).

Lemma all_categories gamma w_max w k M (a b : nat -> R) :
  (forall q, (q < k + k)%nat ->
     exists s, (s < M)%nat /\ requirement gamma w_max w k q (a s) (b s)) ->
  forall h d, (d < k)%nat -> exists s, (s < M)%nat /\ category gamma w_max w h d (a s) (b s).
Proof.
  intros H h d Hd. destruct (H (if h then d else d + k)%nat) as (s & Hs & C); [destruct h; lia|].
  exists s. split; [exact Hs|]. unfold requirement, half, digit in C. destruct h.
  - assert (E : (d <? k)%nat = true) by (apply Nat.ltb_lt; lia). rewrite E in C. exact C.
  - assert (E : (d + k <? k)%nat = false) by (apply Nat.ltb_ge; lia).
    rewrite E, Nat.add_sub in C. exact C.
Qed.

(** [one-weight-logarithmic] (whole): with [one_weight_count]; the categories of the weight are counted
    in one row. That [c] is [/ (4 k)] for constant |b| and fair signs is [constant_inner_best]. *)
Theorem one_weight_logarithmic {Om} (P : probability Om) gamma w_max w k c delta N
    (a b : nat -> Om -> R) :
  1 < gamma <= phi -> (1 <= k)%nat -> 0 < delta < 1 -> 0 < Rabs w <= w_max -> 0 < c <= 1 ->
  let hit := fun q s o => requirement gamma w_max w k q (a s o) (b s o) in
  (forall q s, (q < k + k)%nat -> (s < N)%nat -> ev P (hit q s) /\ c <= Pr P (hit q s)) ->
  (forall q, (q < k + k)%nat -> independent_misses P N (hit q)) ->
  INR N >= / c * ln (2 * INR k / delta) ->
  let all_hit := fun o => forall q, (q < k + k)%nat -> exists s, (s < N)%nat /\ hit q s o in
  ev P all_hit /\ 1 - delta <= Pr P all_hit /\
  forall o, all_hit o ->
    (forall h, exists keep, (forall s, keep s = true -> 0 < sgn h * b s o) /\
       Rabs (sum N (fun s => if keep s then a s o * b s o else 0) - w) <= w_max * / gamma ^ k) /\
    exists keep, stand_for N (fun s => a s o) (fun s => b s o) keep w (w_max * / gamma ^ k).
Proof.
  intros Hg Hk Hd Hw Hc hit HE HI HN all_hit.
  set (missed := fun o => exists q, (q < k + k)%nat /\ forall s, (s < N)%nat -> ~ hit q s o).
  assert (X : forall o, ~ missed o <-> all_hit o).
  { intros o. split.
    - intros H q Hq. apply NNPP. intros Hno. apply H. exists q. split; [exact Hq|].
      intros s Hs K. apply Hno. exists s. auto.
    - intros H (q & Hq & K). destruct (H q Hq) as (s & Hs & HC). exact (K s Hs HC). }
  assert (EM : ev P missed).
  { apply ev_ex. intros q Hq. apply ev_all. intros s Hs. apply ev_not. apply HE; auto. }
  assert (PM : Pr P missed <= delta).
  { apply (coupon_collector P (k + k) N c delta hit); auto; try lra; try lia.
    rewrite plus_INR. replace (INR k + INR k) with (2 * INR k) by ring. exact HN. }
  split; [apply (ev_ext _ P _ _ X), ev_not, EM|]. split.
  - rewrite <- (Pr_ext _ P _ _ X), Pr_not by exact EM. lra.
  - intros o Ho. pose proof (all_categories gamma w_max w k N _ _ Ho) as C. split.
    + intros h. apply one_half; auto.
    + apply one_weight; auto.
Qed.

(** [one-weight-logarithmic] (part): the last line, with the numbers of digits and of samples. *)
Theorem one_weight_count gamma w_max eps delta :
  1 < gamma -> 0 < eps < w_max -> 0 < delta < 1 ->
  let x := ln (w_max / eps) / ln gamma in
  let k := count_digits gamma w_max eps in
  let N := nceil (4 * INR k * ln (2 * INR k / delta)) in
  w_max * / gamma ^ k <= eps /\ INR N < 4 * (x + 1) * ln (2 * (x + 1) / delta) + 1.
Proof.
  intros Hg He Hd x k N. split; [apply count_digits_enough; lra|].
  pose proof (count_digits_pos gamma w_max eps) as K1. fold k in K1.
  pose proof (count_digits_lt gamma w_max eps Hg He) as K2. fold k x in K2.
  assert (L : forall y, 1 <= y -> 0 < ln (2 * y / delta)).
  { intros y Hy. rewrite <- ln_1. apply ln_increasing; [lra|].
    apply Rmult_lt_reg_r with delta; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  pose proof (L (INR k) K1) as L1.
  assert (L2 : ln (2 * INR k / delta) <= ln (2 * (x + 1) / delta)).
  { left. apply ln_increasing; [apply Rdiv_lt_0_compat; lra|].
    apply Rmult_lt_compat_r; [apply Rinv_0_lt_compat|]; lra. }
  eapply Rlt_le_trans; [apply nceil_lt; apply Rmult_le_pos; lra|].
  apply Rplus_le_compat_r. apply Rmult_le_compat; lra.
Qed.

(** ** The law that hits every category *)

Lemma hyperbolic_range gamma w_max k : 1 < gamma -> 0 < w_max -> (1 <= k)%nat ->
  0 < w_max * / gamma ^ (k + 1) < w_max * / gamma.
Proof.
  intros Hg Hw Hk. pose proof (inv_pow_pos gamma (k + 1) Hg). split; [nra|].
  apply Rmult_lt_compat_l; [exact Hw|]. pose proof (inv_pow_lt gamma 1 (k + 1) Hg ltac:(lia)) as Q.
  simpl in Q. rewrite Rmult_1_r in Q. exact Q.
Qed.

(** Out-weights: hyperbolic from [w_max * / gamma ^ (k + 1)] to [w_max * / gamma], from a uniform [u]. *)
Definition out_magnitude (gamma w_max : R) (k : nat) : R -> R :=
  magnitude (w_max * / gamma ^ (k + 1)) (w_max * / gamma).

(** Every digit has probability 1/k. *)
Lemma digit_probability gamma w_max k d : 1 < gamma -> 0 < w_max -> (d < k)%nat ->
  let in_digit u :=
    w_max * / gamma ^ (d + 2) <= out_magnitude gamma w_max k u < w_max * / gamma ^ (d + 1) in
  ev (prob uniform) in_digit /\ Pr (prob uniform) in_digit = / INR k.
Proof.
  intros Hg Hw Hd in_digit.
  pose proof (hyperbolic_range gamma w_max k Hg Hw ltac:(lia)) as R.
  assert (P : forall p, 0 < gamma ^ p) by (intros; apply pow_lt; lra).
  assert (LG : 0 < ln gamma) by (rewrite <- ln_1; apply ln_increasing; lra).
  destruct (magnitude_probability (w_max * / gamma ^ (k + 1)) (w_max * / gamma)
    (w_max * / gamma ^ (d + 2)) (w_max * / gamma ^ (d + 1)) R) as [V Q].
  - split; apply Rmult_le_compat_l; try lra; apply inv_pow_le; try exact Hg; lia.
  - apply Rmult_le_compat_l; [lra|]. pose proof (inv_pow_le gamma 1 (d + 1) Hg ltac:(lia)) as X.
    simpl in X. rewrite Rmult_1_r in X. exact X.
  - split; [exact V|]. etransitivity; [exact Q|].
    replace (w_max * / gamma ^ (d + 1) / (w_max * / gamma ^ (d + 2))) with gamma.
    + replace (w_max * / gamma / (w_max * / gamma ^ (k + 1))) with (gamma ^ k).
      * rewrite ln_pow by lra. assert (0 < INR k) by (apply lt_0_INR; lia). field. lra.
      * rewrite pow_add. simpl. pose proof (P k). field. repeat split; lra.
    + replace (d + 2)%nat with (S (d + 1)) by lia. simpl. pose proof (P (d + 1)%nat). field.
      repeat split; lra.
Qed.
