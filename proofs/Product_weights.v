(** * Only the product matters (chapter _product_weights_)

    The set of all (a, b) with |ab - w| <= ε is no finite union of boxes, so it is no event of the
    product space of this folder. Its probability is stated as an iterated integral. *)

From Coq Require Import Reals Lra Psatz Lia Arith FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Malach Probability Spaces Uniform Malach_network.
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

(** For a given [b] of the half: how likely [a] is to fit. *)
Lemma fit_for_given b w epsilon : 0 < b -> 0 < epsilon ->
  RInt (fun u => ind (Rabs (uniform_weight u * b - w) <= epsilon)) 0 1 =
  / 2 * (clip ((w + epsilon) / b) - clip ((w - epsilon) / b)).
Proof.
  intros Hb He.
  assert (I : interval (((w - epsilon) / b + 1) / 2) (((w + epsilon) / b + 1) / 2)
    (fun u => Rabs (uniform_weight u * b - w) <= epsilon)).
  { set (s := (w - epsilon) / b). set (t := (w + epsilon) / b).
    assert (Es : s * b = w - epsilon) by (unfold s; field; lra).
    assert (Et : t * b = w + epsilon) by (unfold t; field; lra).
    unfold uniform_weight. split; intros u H.
    - apply Rabs_le. split; nra.
    - apply Rabs_le_inv in H. split; apply Rmult_le_reg_r with b; try lra; nra. }
  rewrite (is_RInt_unique _ _ _ _ (is_RInt_interval _ _ _ I)). unfold overlap.
  assert (Q : (w - epsilon) / b <= (w + epsilon) / b)
    by (apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat|]; lra).
  revert Q. generalize ((w - epsilon) / b). generalize ((w + epsilon) / b). intros t s Q.
  unfold clip, Rmax, Rmin. repeat destruct (Rle_dec _ _); lra.
Qed.

(** Integrals over one half of [0 <= b <= 1]. *)
Lemma right_half f l : is_RInt f 0 1 l -> is_RInt (fun v => f (2 * v + -1)) (/ 2) 1 (/ 2 * l).
Proof.
  intros H. apply (is_RInt_ext (fun v => scal (/ 2) (scal 2 (f (2 * v + -1))))).
  - intros v _. unfold scal; simpl; unfold mult; simpl. field.
  - apply (is_RInt_scal (V := R_NormedModule) (fun v => scal 2 (f (2 * v + -1))) (/ 2) 1 (/ 2) l).
    apply (is_RInt_comp_lin f 2 (-1) (/ 2) 1).
    replace (2 * / 2 + -1) with 0 by field. replace (2 * 1 + -1) with 1 by ring. exact H.
Qed.

Lemma left_half f l : is_RInt f 0 1 l -> is_RInt (fun v => f (-2 * v + 1)) 0 (/ 2) (/ 2 * l).
Proof.
  intros H. apply (is_RInt_ext (fun v => scal (- / 2) (scal (-2) (f (-2 * v + 1))))).
  - intros v _. unfold scal; simpl; unfold mult; simpl. field.
  - replace (/ 2 * l) with (scal (- / 2) (opp l))
      by (unfold scal, opp; simpl; unfold mult; simpl; ring).
    apply (is_RInt_scal (V := R_NormedModule) (fun v => scal (-2) (f (-2 * v + 1))) 0 (/ 2) (- / 2)).
    apply (is_RInt_comp_lin f (-2) 1 0 (/ 2)).
    replace (-2 * 0 + 1) with 1 by ring. replace (-2 * / 2 + 1) with 0 by field.
    apply (is_RInt_swap (V := R_NormedModule) f), H.
Qed.

Lemma integral_of_fits w epsilon :
  is_RInt (fun b => / 2 * (clip ((w + epsilon) / b) - clip ((w - epsilon) / b))) 0 1
    (/ 2 * (h (w + epsilon) - h (w - epsilon))).
Proof.
  apply (is_RInt_scal (V := R_NormedModule)
    (fun b => clip ((w + epsilon) / b) - clip ((w - epsilon) / b)) 0 1 (/ 2)).
  apply (is_RInt_minus (V := R_NormedModule)
    (fun b => clip ((w + epsilon) / b)) (fun b => clip ((w - epsilon) / b)));
    apply integral_of_clip.
Qed.

(** [product-success] (part): for both halves, as an integral over [b] of an integral over [a]. *)
Theorem product_success w epsilon (half : bool) : 0 < epsilon ->
  RInt (fun v => RInt (fun u => ind (Rabs (uniform_weight u * uniform_weight v - w) <= epsilon /\
    0 < sgn half * uniform_weight v)) 0 1) 0 1 =
  / 4 * (h (Rabs w + epsilon) - h (Rabs w - epsilon)).
Proof.
  intros He. apply is_RInt_unique.
  set (f := fun v => RInt (fun u => ind (Rabs (uniform_weight u * uniform_weight v - w) <= epsilon /\
    0 < sgn half * uniform_weight v)) 0 1).
  set (g := fun w b => / 2 * (clip ((w + epsilon) / b) - clip ((w - epsilon) / b))).
  (* the other half contributes nothing *)
  assert (Zero : forall v, sgn half * uniform_weight v <= 0 -> f v = 0).
  { intros v Hv. unfold f. rewrite (RInt_ext _ (fun _ => 0)).
    - rewrite RInt_const. unfold scal; simpl; unfold mult; simpl. ring.
    - intros u _. apply ind_false. intros (_ & K). lra. }
  assert (Some : forall v, 0 < sgn half * uniform_weight v ->
    f v = g (sgn half * w) (sgn half * uniform_weight v)).
  { intros v Hv. unfold f, g. rewrite <- fit_for_given by assumption.
    apply RInt_ext. intros u _. apply ind_iff.
    replace (uniform_weight u * (sgn half * uniform_weight v) - sgn half * w)
      with (sgn half * (uniform_weight u * uniform_weight v - w)) by ring.
    rewrite Rabs_mult. assert (Rabs (sgn half) = 1) as ->
      by (destruct half; simpl; [apply Rabs_R1|rewrite Rabs_left; lra]).
    rewrite Rmult_1_l. tauto. }
  assert (E : h (Rabs w + epsilon) - h (Rabs w - epsilon) =
    h (sgn half * w + epsilon) - h (sgn half * w - epsilon)).
  { assert (Sym : h (- w + epsilon) - h (- w - epsilon) = h (w + epsilon) - h (w - epsilon)).
    { replace (- w + epsilon) with (- (w - epsilon)) by ring.
      replace (- w - epsilon) with (- (w + epsilon)) by ring. rewrite !h_odd. ring. }
    unfold Rabs. destruct (Rcase_abs w), half; simpl (sgn _);
      rewrite ?Rmult_1_l; try replace (-1 * w) with (- w) by ring; lra. }
  rewrite E. set (l := / 2 * (h (sgn half * w + epsilon) - h (sgn half * w - epsilon))).
  replace (/ 4 * (h (sgn half * w + epsilon) - h (sgn half * w - epsilon))) with (/ 2 * l)
    by (unfold l; field).
  pose proof (integral_of_fits (sgn half * w) epsilon : is_RInt (g (sgn half * w)) 0 1 l) as G.
  destruct half; simpl sgn in *.
  - assert (I1 : is_RInt f 0 (/ 2) ((/ 2 - 0) * 0)).
    { apply is_RInt_constant. intros v Hv. rewrite Rmin_left, Rmax_right in Hv by lra.
      symmetry. apply Zero. unfold uniform_weight. lra. }
    assert (I2 : is_RInt f (/ 2) 1 (/ 2 * l)).
    { apply (is_RInt_ext (fun v => g (1 * w) (2 * v + -1))); [|apply right_half, G].
      intros v Hv. rewrite Rmin_left, Rmax_right in Hv by lra. symmetry.
      rewrite Some by (unfold uniform_weight; lra). f_equal. unfold uniform_weight. ring. }
    pose proof (is_RInt_Chasles _ _ _ _ _ _ I1 I2) as Q.
    replace (/ 2 * l) with (plus ((/ 2 - 0) * 0) (/ 2 * l)); [exact Q|unfold plus; simpl; ring].
  - assert (I1 : is_RInt f 0 (/ 2) (/ 2 * l)).
    { apply (is_RInt_ext (fun v => g (-1 * w) (-2 * v + 1))); [|apply left_half, G].
      intros v Hv. rewrite Rmin_left, Rmax_right in Hv by lra. symmetry.
      rewrite Some by (unfold uniform_weight; lra). f_equal. unfold uniform_weight. ring. }
    assert (I2 : is_RInt f (/ 2) 1 ((1 - / 2) * 0)).
    { apply is_RInt_constant. intros v Hv. rewrite Rmin_left, Rmax_right in Hv by lra.
      symmetry. apply Zero. unfold uniform_weight. lra. }
    pose proof (is_RInt_Chasles _ _ _ _ _ _ I1 I2) as Q.
    replace (/ 2 * l) with (plus (/ 2 * l) ((1 - / 2) * 0)); [exact Q|unfold plus; simpl; ring].
Qed.
