(** * Only the product matters (chapter _product_weights_)

    The set of all (a, b) with |ab - w| <= ε is no finite union of boxes: it is squeezed between
    two of them, which differ by as little as one likes. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Malach Probability Spaces Uniform Hyperbolic Malach_network
  Squeezed.
Open Scope R_scope.

(** h in the book. *)
Definition h_upper (z : R) : R := if Rle_dec 1 z then 1 else z * (1 - ln z).
Definition h (z : R) : R :=
  if Rlt_dec 0 z then h_upper z else if Rlt_dec z 0 then - h_upper (- z) else 0.

Lemma h_odd z : h (- z) = - h z.
Proof.
  unfold h. destruct (Rlt_dec 0 (- z)), (Rlt_dec 0 z), (Rlt_dec (- z) 0), (Rlt_dec z 0);
    try lra; rewrite Ropp_involutive; lra.
Qed.

(** [y], no further than -1 and 1. *)
Definition clip (y : R) : R := Rmax (-1) (Rmin 1 y).

Lemma clip_opp y : clip (- y) = - clip y.
Proof.
  unfold clip, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra.
Qed.

Lemma clip_above y : 1 <= y -> clip y = 1.
Proof. intros H. unfold clip. rewrite Rmin_left, Rmax_right; lra. Qed.

Lemma clip_inside y : -1 <= y <= 1 -> clip y = y.
Proof. intros H. unfold clip. rewrite Rmin_right, Rmax_right; lra. Qed.

Lemma integral_of_clip_pos z : 0 < z -> is_RInt (fun b => clip (z / b)) 0 1 (h_upper z).
Proof.
  intros Hz. unfold h_upper. destruct (Rle_dec 1 z) as [L|L].
  - replace 1 with ((1 - 0) * 1) at 2 by ring. apply is_RInt_constant. intros b Hb.
    rewrite Rmin_left, Rmax_right in Hb by lra. symmetry. apply clip_above.
    apply Rmult_le_reg_r with b; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
  - assert (I1 : is_RInt (fun b => clip (z / b)) 0 z ((z - 0) * 1)).
    { apply is_RInt_constant. intros b Hb. rewrite Rmin_left, Rmax_right in Hb by lra.
      symmetry. apply clip_above. apply Rmult_le_reg_r with b; [lra|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    assert (I2 : is_RInt (fun b => clip (z / b)) z 1 (minus (z * ln 1) (z * ln z))).
    { apply (is_RInt_ext (fun b => z * / b)).
      - intros b Hb. rewrite Rmin_left, Rmax_right in Hb by lra. symmetry. apply clip_inside.
        assert (0 < / b) by (apply Rinv_0_lt_compat; lra).
        split; [assert (0 < z * / b) by (apply Rmult_lt_0_compat; lra); unfold Rdiv; lra|].
        apply Rmult_le_reg_r with b; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
      - apply (is_RInt_derive (fun b => z * ln b)).
        + intros b Hb. rewrite Rmin_left, Rmax_right in Hb by lra. auto_derive; [lra|field; lra].
        + intros b Hb. rewrite Rmin_left, Rmax_right in Hb by lra.
          apply (continuous_scal_r z (fun b => / b)). apply continuous_Rinv. lra. }
    pose proof (is_RInt_Chasles _ _ _ _ _ _ I1 I2) as Q.
    replace (z * (1 - ln z)) with (plus ((z - 0) * 1) (minus (z * ln 1) (z * ln z))); [exact Q|].
    rewrite ln_1. unfold plus, minus, opp; simpl. unfold plus; simpl. ring.
Qed.

Lemma integral_of_clip z : is_RInt (fun b => clip (z / b)) 0 1 (h z).
Proof.
  unfold h. destruct (Rlt_dec 0 z) as [P|P]; [apply integral_of_clip_pos, P|].
  destruct (Rlt_dec z 0) as [M|M].
  - apply (is_RInt_ext (fun b => opp (clip (- z / b)))).
    + intros b _. unfold opp; simpl. rewrite <- clip_opp. f_equal. unfold Rdiv. ring.
    + apply (is_RInt_opp (V := R_NormedModule) (fun b => clip (- z / b))).
      apply integral_of_clip_pos. lra.
  - assert (z = 0) as -> by lra.
    assert (Q : is_RInt (fun b => clip (0 / b)) 0 1 ((1 - 0) * 0))
      by (apply is_RInt_constant; intros b _; rewrite clip_inside; unfold Rdiv; lra).
    replace ((1 - 0) * 0) with 0 in Q by ring. exact Q.
Qed.

(** ** What lies under a hyperbola *)

Lemma clip_range y : -1 <= clip y <= 1.
Proof. unfold clip, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.

Lemma clip_le x y : x <= y -> clip x <= clip y.
Proof. intros H. unfold clip, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.

Lemma clip_gt a y : -1 <= a -> a < clip y -> a < y.
Proof. unfold clip, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.

Lemma clip_ge a y : a <= 1 -> a <= y -> a <= clip y.
Proof. unfold clip, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra. Qed.

(** Events that exclude each other. *)
Lemma Pr_disjoint {Om} (P : probability Om) n (A : nat -> Om -> Prop) :
  (forall i, (i < n)%nat -> ev P (A i)) ->
  (forall i j o, (i < j < n)%nat -> A i o -> A j o -> False) ->
  Pr P (fun o => exists i, (i < n)%nat /\ A i o) = sum n (fun i => Pr P (A i)).
Proof.
  induction n as [|n IH]; intros V D.
  - rewrite (Pr_ext _ P _ (fun _ => False)); [apply Pr_false|].
    intros o. split; [intros (i & Hi & _); lia|tauto].
  - rewrite (Pr_ext _ P _ _ (fun o => ex_S n (fun i => A i o))), Pr_add.
    + rewrite IH; [reflexivity|auto|]. intros i j o H. apply D. lia.
    + apply ev_ex. auto.
    + auto.
    + intros o (i & Hi & K) Kn. apply (D i n o); [lia|assumption|assumption].
Qed.

Lemma sgn_or s : sgn s = 1 \/ sgn s = -1.
Proof. destruct s; simpl; auto. Qed.

Section Hyperbola.
Variables (z : R) (n : nat) (half : bool).
Hypothesis n_pos : (1 <= n)%nat.

(** For [0 < b] this share of all [a] has [a b <= z]. *)
Definition share_below (b : R) : R := (1 + clip (z / b)) / 2.

Lemma share_form b : / 2 * 1 + / 2 * clip (z / b) = share_below b.
Proof. unfold share_below. field. Qed.

(** The values at the ends of [n] segments of [b]. *)
Definition at_end (i : nat) : R :=
  match i with O => if Rle_dec 0 z then 1 else 0 | _ => share_below (INR i / INR n) end.
Definition least (i : nat) : R := Rmin (at_end i) (at_end (S i)).
Definition most (i : nat) : R := Rmax (at_end i) (at_end (S i)).

Lemma INR_n : 1 <= INR n.
Proof. apply (le_INR 1), n_pos. Qed.

Lemma ends i : 0 <= INR i / INR n /\ INR (S i) / INR n = INR i / INR n + / INR n.
Proof.
  pose proof INR_n. split; [apply Rdiv_le_0_compat; [apply pos_INR|lra]|]. rewrite S_INR. field. lra.
Qed.

Lemma share_range b : 0 <= share_below b <= 1.
Proof. unfold share_below. pose proof (clip_range (z / b)). lra. Qed.

Lemma at_end_range i : 0 <= at_end i <= 1.
Proof. destruct i; cbn [at_end]; [destruct (Rle_dec 0 z); lra|apply share_range]. Qed.

Lemma inverse_le b c : 0 < b <= c -> / c <= / b.
Proof. intros H. apply Rinv_le_contravar; lra. Qed.

(** The share falls with [b], or rises, as [z] is. *)
Lemma share_falls b c : 0 <= z -> 0 < b <= c -> share_below c <= share_below b.
Proof.
  intros Hz H. unfold share_below. pose proof (inverse_le b c H).
  assert (z / c <= z / b) by (apply Rmult_le_compat_l; assumption).
  pose proof (clip_le (z / c) (z / b)). lra.
Qed.

Lemma share_rises b c : z < 0 -> 0 < b <= c -> share_below b <= share_below c.
Proof.
  intros Hz H. unfold share_below. pose proof (inverse_le b c H).
  assert (z / b <= z / c) by (unfold Rdiv; nra). pose proof (clip_le (z / b) (z / c)). lra.
Qed.

Lemma within i b : INR i / INR n < b <= INR (S i) / INR n ->
  least i <= share_below b <= most i.
Proof.
  intros Hb. destruct (ends i) as [E0 _]. pose proof INR_n.
  pose proof (share_range b) as Q. unfold least, most.
  assert (Up : forall x y, Rmin x y <= x /\ Rmin x y <= y /\ x <= Rmax x y /\ y <= Rmax x y)
    by (intros; repeat split; auto using Rmin_l, Rmin_r, Rmax_l, Rmax_r).
  specialize (Up (at_end i) (at_end (S i))). change (at_end (S i)) with (share_below (INR (S i) / INR n)) in *.
  destruct (Rle_dec 0 z) as [Z|Z].
  - pose proof (share_falls b (INR (S i) / INR n) Z ltac:(lra)).
    assert (share_below b <= at_end i); [|lra].
    destruct i; cbn [at_end]; [destruct (Rle_dec 0 z); lra|]. apply share_falls; [exact Z|].
    split; [|lra]. apply Rdiv_lt_0_compat; [apply lt_0_INR; lia|lra].
  - pose proof (share_rises b (INR (S i) / INR n) ltac:(lra) ltac:(lra)).
    assert (at_end i <= share_below b); [|lra].
    destruct i; cbn [at_end]; [destruct (Rle_dec 0 z); lra|]. apply share_rises; [lra|].
    split; [|lra]. apply Rdiv_lt_0_compat; [apply lt_0_INR; lia|lra].
Qed.

(** Added up, the two differ by 1 at most. *)
Lemma gap : sum n most - sum n least <= 1.
Proof.
  assert (Ord : (forall i, at_end (S i) <= at_end i) \/ (forall i, at_end i <= at_end (S i))).
  { pose proof INR_n. assert (Pos : forall i, 0 < INR (S i) / INR n <= INR (S (S i)) / INR n).
    { intros i. destruct (ends (S i)) as [_ E1]. assert (0 < / INR n) by (apply Rinv_0_lt_compat; lra).
      split; [apply Rdiv_lt_0_compat; [apply lt_0_INR; lia|]|]; lra. }
    destruct (Rle_dec 0 z) as [Z|Z]; [left|right]; intros [|i].
    - cbn [at_end]. destruct (Rle_dec 0 z); [apply share_range|tauto].
    - cbn [at_end]. apply share_falls; [exact Z|apply Pos].
    - cbn [at_end]. destruct (Rle_dec 0 z); [tauto|apply share_range].
    - cbn [at_end]. apply share_rises; [lra|apply Pos]. }
  assert (Tel : forall m, sum m (fun i => at_end (S i) - at_end i) = at_end m - at_end 0).
  { induction m as [|m IH]; [simpl sum; lra|]. rewrite sum_S, IH. lra. }
  pose proof (at_end_range 0). pose proof (at_end_range n).
  rewrite <- sum_minus. destruct Ord as [O|O].
  - rewrite (sum_ext n _ (fun i => -1 * (at_end (S i) - at_end i))); [rewrite sum_scal, Tel; lra|].
    intros i _. unfold most, least. rewrite Rmax_left, Rmin_right by apply O. ring.
  - rewrite (sum_ext n _ (fun i => at_end (S i) - at_end i)); [rewrite Tel; lra|].
    intros i _. unfold most, least. rewrite Rmax_right, Rmin_left by apply O. ring.
Qed.

(** And the integral lies between them. *)
Lemma integral_between : sum n least / INR n <= (1 + h z) / 2 <= sum n most / INR n.
Proof.
  pose proof INR_n as N1.
  assert (I : is_RInt share_below 0 1 ((1 + h z) / 2)).
  { replace ((1 + h z) / 2) with (/ 2 * ((1 - 0) * 1) + / 2 * h z) by field.
    apply (is_RInt_ext (fun b => / 2 * 1 + / 2 * clip (z / b))); [intros x _; apply share_form|].
    apply (is_RInt_lin 0 1 (/ 2) (/ 2) (fun _ => 1) (fun b => clip (z / b)));
      [apply is_RInt_constant; intros; reflexivity|apply integral_of_clip]. }
  assert (X : ex_RInt share_below 0 1) by (eexists; exact I).
  rewrite <- (is_RInt_unique _ _ _ _ I).
  assert (Q : forall m, (m <= n)%nat ->
    sum m least / INR n <= RInt share_below 0 (INR m / INR n) <= sum m most / INR n).
  { induction m as [|m IH]; intros Hm.
    - change (INR 0) with 0. cbn [sum]. replace (0 / INR n) with 0 by (field; lra).
      rewrite RInt_point. unfold zero; simpl. lra.
    - specialize (IH ltac:(lia)). destruct (ends m) as [E0 E1].
      assert (Em : INR (S m) / INR n <= 1).
      { apply Rmult_le_reg_r with (INR n); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
        rewrite Rmult_1_r, Rmult_1_l. apply le_INR, Hm. }
      set (x := INR m / INR n) in *. set (y := INR (S m) / INR n) in *.
      assert (P0 : 0 < / INR n) by (apply Rinv_0_lt_compat; lra).
      assert (X0 : ex_RInt share_below 0 y)
        by (apply (ex_RInt_Chasles_1 (V := R_CompleteNormedModule)) with 1; [lra|exact X]).
      assert (X1 : ex_RInt share_below 0 x)
        by (apply (ex_RInt_Chasles_1 (V := R_CompleteNormedModule)) with y; [lra|exact X0]).
      assert (X2 : ex_RInt share_below x y)
        by (apply (ex_RInt_Chasles_2 (V := R_CompleteNormedModule)) with 0; [lra|exact X0]).
      rewrite <- (RInt_Chasles share_below 0 x y X1 X2).
      assert (C : forall c, RInt (fun _ => c) x y = / INR n * c).
      { intros c. rewrite RInt_const. unfold scal; simpl; unfold mult; simpl. f_equal. lra. }
      assert (L : / INR n * least m <= RInt share_below x y).
      { rewrite <- C. apply RInt_le; [lra|apply ex_RInt_const|exact X2|]. intros b Hb.
        apply (within m b). fold x y. lra. }
      assert (U : RInt share_below x y <= / INR n * most m).
      { rewrite <- C. apply RInt_le; [lra|exact X2|apply ex_RInt_const|]. intros b Hb.
        apply (within m b). fold x y. lra. }
      rewrite !sum_S. unfold plus; simpl. unfold Rdiv in *. lra. }
  specialize (Q n (Nat.le_refl n)). replace (INR n / INR n) with 1 in Q by (field; lra). exact Q.
Qed.

(** ** Boxes below and above *)

Let P := prob (power 0 (fun _ => uniform) 2).

(** [b], of the sign of the half, in segment [i]. *)
Definition in_segment (i : nat) (v : R) : Prop :=
  INR i / INR n < sgn half * uniform_weight v <= INR (S i) / INR n.

Lemma in_segment_probability i : (i < n)%nat ->
  ev (prob uniform) (in_segment i) /\ Pr (prob uniform) (in_segment i) = / (2 * INR n).
Proof.
  intros Hi. pose proof INR_n. destruct (ends i) as [E0 E1].
  assert (P0 : 0 < / INR n) by (apply Rinv_0_lt_compat; lra).
  assert (Em : INR (S i) / INR n <= 1).
  { apply Rmult_le_reg_r with (INR n); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    rewrite Rmult_1_r, Rmult_1_l. apply le_INR. lia. }
  replace (/ (2 * INR n)) with (/ 2 * / INR n) by (field; lra). unfold in_segment.
  set (x := INR i / INR n) in *. set (y := INR (S i) / INR n) in *.
  destruct (sgn_or half) as [Es|Es]; rewrite Es.
  - destruct (interval_probability (/ 2 + / 2 * x) (/ 2 + / 2 * y)
      (fun v => x < 1 * uniform_weight v <= y)) as [V Q].
    { unfold uniform_weight. split; intros; lra. }
    split; [exact V|]. rewrite Q. unfold overlap. rewrite Rmin_left, (Rmax_left _ 0), Rmax_right; lra.
  - destruct (interval_probability (/ 2 - / 2 * y) (/ 2 - / 2 * x)
      (fun v => x < -1 * uniform_weight v <= y)) as [V Q].
    { unfold uniform_weight. split; intros; lra. }
    split; [exact V|]. rewrite Q. unfold overlap. rewrite Rmin_left, (Rmax_left _ 0), Rmax_right; lra.
Qed.

Definition box_below (i : nat) (w : nat -> R) : Prop := in_segment i (w 1%nat) /\ 0 <= w 0%nat < least i.
Definition box_above (i : nat) (w : nat -> R) : Prop := in_segment i (w 1%nat) /\ 0 <= w 0%nat <= most i.

Lemma least_most_range i : 0 <= least i <= 1 /\ 0 <= most i <= 1.
Proof.
  pose proof (at_end_range i). pose proof (at_end_range (S i)). unfold least, most, Rmin, Rmax.
  destruct (Rle_dec _ _); lra.
Qed.

Lemma boxes i : (i < n)%nat ->
  (ev P (box_below i) /\ Pr P (box_below i) = / (2 * INR n) * least i) /\
  (ev P (box_above i) /\ Pr P (box_above i) = / (2 * INR n) * most i).
Proof.
  intros Hi. destruct (in_segment_probability i Hi) as [V Q]. destruct (least_most_range i) as [L M].
  destruct (interval_probability 0 (least i) (fun u => 0 <= u < least i)) as [V1 Q1];
    [split; intros; lra|].
  destruct (interval_probability 0 (most i) (fun u => 0 <= u <= most i)) as [V2 Q2];
    [split; intros; lra|].
  destruct (two_coordinates 0 (fun _ => uniform) 2 1 0 _ _ ltac:(lia) ltac:(lia) ltac:(lia) V V1) as [A1 B1].
  destruct (two_coordinates 0 (fun _ => uniform) 2 1 0 _ _ ltac:(lia) ltac:(lia) ltac:(lia) V V2) as [A2 B2].
  assert (O : forall x, 0 <= x <= 1 -> overlap 0 x = x).
  { intros x Hx. unfold overlap. rewrite Rmin_left, (Rmax_left 0 0), Rmax_right; lra. }
  split; (split; [assumption|]).
  - etransitivity; [exact B1|]. cbv beta. rewrite Q, Q1, O by exact L. reflexivity.
  - etransitivity; [exact B2|]. cbv beta. rewrite Q, Q2, O by exact M. reflexivity.
Qed.

Lemma segments_exclude i j v : (i < j)%nat -> in_segment i v -> in_segment j v -> False.
Proof.
  intros Hij [_ H1] [H2 _]. pose proof INR_n.
  assert (INR (S i) / INR n <= INR j / INR n); [|lra].
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply le_INR. lia.
Qed.

Definition square (w : nat -> R) : Prop := 0 <= w 1%nat <= 1 /\ 0 <= w 0%nat <= 1.

Lemma square_sure : ev P square /\ Pr P square = 1.
Proof.
  destruct (interval_probability 0 1 (fun u => 0 <= u <= 1)) as [V Q]; [split; intros; lra|].
  destruct (two_coordinates 0 (fun _ => uniform) 2 1 0 _ _ ltac:(lia) ltac:(lia) ltac:(lia) V V) as [A B].
  split; [exact A|]. etransitivity; [exact B|]. cbv beta. rewrite Q. unfold overlap.
  rewrite (Rmin_left 1), (Rmax_left 0 0), Rmax_right by lra. lra.
Qed.

(** Whether [a b = z] is in or out. *)
Variable A : R -> R -> Prop.
Hypothesis A_below : forall a b, 0 < b -> a * b < z -> A a b.
Hypothesis A_only : forall a b, A a b -> 0 < b /\ a * b <= z.

Definition region (w : nat -> R) : Prop :=
  A (uniform_weight (w 0%nat)) (sgn half * uniform_weight (w 1%nat)).

Lemma region_between : exists B C, between P B region C /\
  Pr P C - Pr P B <= / (2 * INR n) /\ Pr P B <= (1 + h z) / 4 <= Pr P C.
Proof.
  pose proof INR_n as N1. assert (P0 : 0 < / (2 * INR n)) by (apply Rinv_0_lt_compat; lra).
  destruct square_sure as [SV SQ].
  set (B := fun w => exists i, (i < n)%nat /\ box_below i w).
  set (C := fun w => exists i, (i < n)%nat /\ box_above i w).
  assert (VB : ev P B) by (apply ev_ex; intros i Hi; apply (boxes i Hi)).
  assert (VC : ev P C) by (apply ev_ex; intros i Hi; apply (boxes i Hi)).
  assert (QB : Pr P B = / (2 * INR n) * sum n least).
  { unfold B. rewrite Pr_disjoint.
    - rewrite <- sum_scal. apply sum_ext. intros i Hi. apply (boxes i Hi).
    - intros i Hi. apply (boxes i Hi).
    - intros i j w H [K1 _] [K2 _]. apply (segments_exclude i j (w 1%nat)); [lia|assumption|assumption]. }
  assert (QC : Pr P C = / (2 * INR n) * sum n most).
  { unfold C. rewrite Pr_disjoint.
    - rewrite <- sum_scal. apply sum_ext. intros i Hi. apply (boxes i Hi).
    - intros i Hi. apply (boxes i Hi).
    - intros i j w H [K1 _] [K2 _]. apply (segments_exclude i j (w 1%nat)); [lia|assumption|assumption]. }
  assert (VN : ev P (fun w => ~ square w)) by (apply ev_not, SV).
  exists B, (fun w => C w \/ ~ square w). split; [|split].
  - split; [exact VB|]. split; [apply ev_or; assumption|]. split.
    + intros w (i & Hi & ([S1 S2] & [U1 U2])). unfold region. destruct (ends i) as [E0 _].
      set (b := sgn half * uniform_weight (w 1%nat)) in *. apply A_below; [lra|].
      destruct (within i b) as [Q _]; [lra|]. unfold share_below in Q.
      assert (K : uniform_weight (w 0%nat) < z / b).
      { apply clip_gt; unfold uniform_weight; lra. }
      apply Rmult_lt_compat_r with (r := b) in K; [|lra].
      replace (z / b * b) with z in K by (field; lra). exact K.
    + intros w K. destruct (classic (square w)) as [[S1 S0]|]; [left|right; assumption].
      unfold region in K. apply A_only in K. destruct K as [Kb Kz].
      set (b := sgn half * uniform_weight (w 1%nat)) in *.
      assert (B1 : b <= 1)
        by (unfold b, uniform_weight; destruct (sgn_or half) as [Es|Es]; rewrite Es; lra).
      assert (B2 : 0 < b * INR n <= INR n)
        by (split; [apply Rmult_lt_0_compat; lra|]; rewrite <- (Rmult_1_l (INR n)) at 2;
          apply Rmult_le_compat_r; lra).
      pose proof (nceil_ge (b * INR n)) as G. pose proof (nceil_lt (b * INR n) ltac:(lra)) as L.
      set (q := nceil (b * INR n)) in *.
      assert (Q1 : (1 <= q)%nat) by (apply INR_lt; simpl; lra).
      assert (Q2 : (q < S n)%nat) by (apply INR_lt; rewrite S_INR; lra).
      exists (q - 1)%nat. split; [lia|].
      assert (In : in_segment (q - 1) (w 1%nat)).
      { unfold in_segment. fold b. replace (S (q - 1)) with q by lia. rewrite minus_INR by lia.
        change (INR 1) with 1.
        split; [apply Rmult_lt_reg_r with (INR n)|apply Rmult_le_reg_r with (INR n)]; try lra;
          unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra. }
      split; [exact In|]. split; [lra|]. destruct (within (q - 1) b In) as [_ Q]. unfold share_below in Q.
      assert (uniform_weight (w 0%nat) <= clip (z / b)).
      { apply clip_ge; [unfold uniform_weight; lra|]. apply Rmult_le_reg_r with b; [exact Kb|].
        replace (z / b * b) with z by (field; lra). exact Kz. }
      unfold uniform_weight in *. lra.
  - pose proof (Pr_or P C _ VC VN) as O. rewrite Pr_not, SQ in O by exact SV.
    pose proof gap.
    assert (G : / (2 * INR n) * (sum n most - sum n least) <= / (2 * INR n) * 1)
      by (apply Rmult_le_compat_l; lra).
    rewrite QB. rewrite QC in O. cbv beta in O. lra.
  - assert (VU : ev P (fun w => C w \/ ~ square w)) by (apply ev_or; assumption).
    pose proof (Pr_mono P C _ VC VU (fun w K => or_introl K)) as O.
    pose proof integral_between as [I1 I2]. rewrite QB. rewrite QC in O.
    replace (/ (2 * INR n) * sum n least) with (/ 2 * (sum n least / INR n)) by (field; lra).
    replace (/ (2 * INR n) * sum n most) with (/ 2 * (sum n most / INR n)) in O by (field; lra). lra.
Qed.
End Hyperbola.

(** The space of two uniform numbers, with the sets that boxes squeeze. *)
Definition two_numbers : probability (nat -> R) := completed (prob (power 0 (fun _ => uniform) 2)).

Lemma region_probability z half (A : R -> R -> Prop) :
  (forall a b, 0 < b -> a * b < z -> A a b) -> (forall a b, A a b -> 0 < b /\ a * b <= z) ->
  ev two_numbers (region half A) /\ Pr two_numbers (region half A) = (1 + h z) / 4.
Proof.
  intros A1 A2.
  change (squeezed (prob (power 0 (fun _ => uniform) 2)) (region half A) /\
    inner_probability (prob (power 0 (fun _ => uniform) 2)) (region half A) = (1 + h z) / 4).
  apply inner_probability_is. intros eta He.
  set (n := S (nceil (/ eta))).
  destruct (region_between z n half ltac:(unfold n; lia) A A1 A2) as (B & C & S & D & Q).
  exists B, C. split; [exact S|]. split; [|exact Q]. eapply Rle_trans; [exact D|].
  assert (0 < / eta) by (apply Rinv_0_lt_compat, He). pose proof (nceil_ge (/ eta)).
  rewrite <- (Rinv_inv eta). apply Rinv_le_contravar; [lra|]. unfold n. rewrite S_INR. lra.
Qed.

(** [product-success] (whole): [a] and [b] are made of the two coordinates of the space; for both
    halves at once. *)
Theorem product_success w epsilon half : 0 < epsilon ->
  let a := fun z : nat -> R => uniform_weight (z 0%nat) in
  let b := fun z : nat -> R => uniform_weight (z 1%nat) in
  let fits := fun z => Rabs (a z * b z - w) <= epsilon /\ 0 < sgn half * b z in
  ev two_numbers fits /\
  Pr two_numbers fits = / 4 * (h (Rabs w + epsilon) - h (Rabs w - epsilon)).
Proof.
  intros He a b fits. set (v := sgn half * w).
  destruct (region_probability (v + epsilon) half (fun a b => 0 < b /\ a * b <= v + epsilon))
    as [VC QC]; [intros; cbv beta; lra|intros ? ? Y; exact Y|].
  destruct (region_probability (v - epsilon) half (fun a b => 0 < b /\ a * b < v - epsilon))
    as [VB QB]; [intros; cbv beta; lra|intros ? ? [Y1 Y2]; lra|].
  set (C := region half (fun a b => 0 < b /\ a * b <= v + epsilon)) in *.
  set (B := region half (fun a b => 0 < b /\ a * b < v - epsilon)) in *.
  assert (X : forall z, (C z /\ ~ B z) <-> fits z).
  { intros z. unfold C, B, region, fits. cbv beta. unfold v.
    change (uniform_weight (z 0%nat)) with (a z). change (uniform_weight (z 1%nat)) with (b z).
    replace (a z * (sgn half * b z)) with (sgn half * (a z * b z)) by ring. split.
    - intros [[K1 K2] K3]. split; [|exact K1]. assert (K4 : sgn half * w - epsilon <= sgn half * (a z * b z))
        by (apply Rnot_lt_le; tauto).
      apply Rabs_le. destruct (sgn_or half) as [Es|Es]; rewrite Es in K2, K4; lra.
    - intros [K1 K2]. apply Rabs_le_inv in K1.
      split; [split; [exact K2|]|]; destruct (sgn_or half) as [Es|Es]; rewrite Es; try intros [_ K]; lra. }
  assert (Sub : forall z, B z -> C z) by (intros z [K1 K2]; split; [exact K1|lra]).
  split; [apply (ev_ext _ two_numbers _ _ X), ev_and; [exact VC|apply ev_not, VB]|].
  transitivity (Pr two_numbers (fun z => C z /\ ~ B z)); [symmetry; apply (Pr_ext _ two_numbers _ _ X)|].
  rewrite (Pr_le_more two_numbers B C VB VC Sub), QB, QC.
  replace (h (Rabs w + epsilon) - h (Rabs w - epsilon)) with (h (v + epsilon) - h (v - epsilon)); [field|].
  assert (Sym : h (- w + epsilon) - h (- w - epsilon) = h (w + epsilon) - h (w - epsilon)).
  { replace (- w + epsilon) with (- (w - epsilon)) by ring.
    replace (- w - epsilon) with (- (w + epsilon)) by ring. rewrite !h_odd. ring. }
  unfold v, Rabs. destruct (Rcase_abs w); destruct (sgn_or half) as [Es|Es]; rewrite Es, ?Rmult_1_l;
    try replace (-1 * w) with (- w) by ring; lra.
Qed.
