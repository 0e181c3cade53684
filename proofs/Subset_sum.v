(** * Random subset sums (chapter _subset_sum_)

    What is covered is a union of intervals: a set whose indicator is a [step] function. Its length
    between [- r] and [r] is the integral of that; the book's R is [r] here. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Malach Probability Spaces Uniform.
Open Scope R_scope.

(** Coquelicot's integral is in a space that is the reals only when unfolded. *)
Ltac real_eq := match goal with |- @eq _ ?a ?b => change (@eq R a b) end.

(** ** Step functions, moved and integrated *)

Lemma step_shift f t : step f -> step (fun z => f (z - t)).
Proof.
  intros H. induction H as [|a b I [H1 H2]|a b f g _ I1 _ I2].
  - apply step_one.
  - apply (step_interval (a + t) (b + t) (fun z => I (z - t))). split.
    + intros u Hu. apply H1. lra.
    + intros u Hu. apply H2 in Hu. lra.
  - apply (step_lin a b (fun z => f (z - t)) (fun z => g (z - t))); assumption.
Qed.

Lemma step_between a b : step (fun z => ind (a <= z <= b)).
Proof. apply (step_interval a b). split; intros; lra. Qed.

Lemma step_plus f g : step f -> step g -> step (fun z => f z + g z).
Proof.
  intros Hf Hg. replace (fun z => f z + g z) with (fun z => 1 * f z + 1 * g z)
    by (extensionality z; ring). apply step_lin; assumption.
Qed.

Lemma step_minus f g : step f -> step g -> step (fun z => f z - g z).
Proof.
  intros Hf Hg. replace (fun z => f z - g z) with (fun z => 1 * f z + -1 * g z)
    by (extensionality z; ring). apply step_lin; assumption.
Qed.

(** Integrals of sums, and which of two is larger. *)
Lemma RInt_step_lin p q a b f g : p <= q -> step f -> step g ->
  RInt (fun z => a * f z + b * g z) p q = a * RInt f p q + b * RInt g p q.
Proof.
  intros H Hf Hg. apply RInt_lin; apply ex_RInt_step; assumption.
Qed.

Lemma RInt_step_plus p q f g : p <= q -> step f -> step g ->
  RInt (fun z => f z + g z) p q = RInt f p q + RInt g p q.
Proof.
  intros H Hf Hg. replace (fun z => f z + g z) with (fun z => 1 * f z + 1 * g z)
    by (extensionality z; ring). rewrite RInt_step_lin by assumption. real_eq. ring.
Qed.

Lemma RInt_step_minus p q f g : p <= q -> step f -> step g ->
  RInt (fun z => f z - g z) p q = RInt f p q - RInt g p q.
Proof.
  intros H Hf Hg. replace (fun z => f z - g z) with (fun z => 1 * f z + -1 * g z)
    by (extensionality z; ring). rewrite RInt_step_lin by assumption. real_eq. ring.
Qed.

Lemma RInt_step_le p q f g : p <= q -> step f -> step g ->
  (forall z, p < z < q -> f z <= g z) -> RInt f p q <= RInt g p q.
Proof. intros H Hf Hg L. apply RInt_le; auto; apply ex_RInt_step; assumption. Qed.

Lemma RInt_step_pos p q f : p <= q -> step f -> (forall z, p < z < q -> 0 <= f z) ->
  0 <= RInt f p q.
Proof. intros H Hf L. apply RInt_ge_0; auto; apply ex_RInt_step; assumption. Qed.

Lemma RInt_one p q : RInt (fun _ => 1) p q = q - p.
Proof. rewrite RInt_const. unfold scal; simpl; unfold mult; simpl. ring. Qed.

Lemma RInt_inside r p q I : - r <= p <= q -> q <= r -> interval p q I ->
  RInt (fun u => ind (I u)) (- r) r = q - p.
Proof.
  intros H Hq HI.
  rewrite (is_RInt_unique _ _ _ _ (is_RInt_interval_between (- r) r p q I ltac:(lra) HI)).
  rewrite (Rmin_left q r), (Rmax_left p (- r)), Rmax_right; lra.
Qed.

(** A function that is 0 outside loses when it is moved. *)
Lemma RInt_shift_le r g t : 0 < r -> step g -> (forall z, 0 <= g z) ->
  (forall z, ~ - r <= z <= r -> g z = 0) ->
  RInt (fun z => g (z - t)) (- r) r <= RInt g (- r) r.
Proof.
  intros Hr Hg Hp Hz. set (b := r + Rabs t). pose proof (Rabs_pos t) as T.
  assert (B : - b <= - r - t /\ - r - t <= r - t /\ r - t <= b /\ - b <= - r /\ r <= b)
    by (unfold b; pose proof (Rle_abs t); pose proof (Rle_abs (- t)); rewrite Rabs_Ropp in *; lra).
  assert (S : forall p q f, p <= q -> step f -> ex_RInt f p q) by (intros; apply ex_RInt_step; auto).
  assert (W : RInt g (- b) b = RInt g (- r) r).
  { rewrite <- (RInt_Chasles g (- b) (- r) b), <- (RInt_Chasles g (- r) r b) by (apply S; lra || auto).
    rewrite (RInt_ext g (fun _ => 0) (- b) (- r)), (RInt_ext g (fun _ => 0) r b).
    - rewrite !RInt_const. unfold plus, scal; simpl; unfold mult; simpl. ring.
    - intros z H. rewrite Rmin_left, Rmax_right in H by lra. apply Hz. lra.
    - intros z H. rewrite Rmin_left, Rmax_right in H by lra. apply Hz. lra. }
  assert (M : RInt (fun z => g (z - t)) (- r) r = RInt g (- r - t) (r - t)).
  { replace (fun z => g (z - t)) with (fun z => scal 1 (g (1 * z + - t))).
    2: { extensionality z. unfold scal; simpl; unfold mult; simpl. rewrite Rmult_1_l. f_equal. ring. }
    - replace (- r - t) with (1 * - r + - t) by ring. replace (r - t) with (1 * r + - t) by ring.
      apply (RInt_comp_lin g). replace (1 * - r + - t) with (- r - t) by ring.
      replace (1 * r + - t) with (r - t) by ring. apply S; [lra|exact Hg]. }
  rewrite M, <- W.
  rewrite <- (RInt_Chasles g (- b) (- r - t) b), <- (RInt_Chasles g (- r - t) (r - t) b)
    by (apply S; lra || auto).
  pose proof (RInt_step_pos (- b) (- r - t) g ltac:(lra) Hg ltac:(auto)).
  pose proof (RInt_step_pos (r - t) b g ltac:(lra) Hg ltac:(auto)). unfold plus; simpl. lra.
Qed.

(** ** How much of a set meets another while it moves *)

(** A property of intervals between [- r] and [r], and of sums, holds for all that is cut off there. *)
Lemma step_inside (P : (R -> R) -> Prop) r : 0 < r ->
  (forall a b I, - r <= a -> a <= b -> b <= r -> interval a b I -> P (fun u => ind (I u))) ->
  (forall a b f g, P f -> P g -> P (fun u => a * f u + b * g u)) ->
  forall f, step f -> P (fun u => ind (- r <= u <= r) * f u).
Proof.
  intros Hr HI HL f Hf. assert (W : P (fun u => ind (- r <= u <= r)))
    by (apply (HI (- r) r); try lra; split; intros; lra).
  induction Hf as [|a b I H|a b f g _ I1 _ I2].
  - replace (fun u => ind (- r <= u <= r) * 1) with (fun u => ind (- r <= u <= r)) by
      (extensionality u; now rewrite Rmult_1_r). exact W.
  - replace (fun u => ind (- r <= u <= r) * ind (I u)) with (fun u => ind (- r <= u <= r /\ I u))
      by (extensionality u; apply ind_and).
    assert (K : interval (Rmax (- r) a) (Rmin r b) (fun u => - r <= u <= r /\ I u))
      by (apply (interval_and (- r) r a b (fun u => - r <= u <= r)); [split; intros; lra|exact H]).
    destruct (Rle_dec (Rmax (- r) a) (Rmin r b)) as [L|L].
    + eapply HI; [| |  |exact K]; [apply Rmax_l|exact L|apply Rmin_l].
    + replace (fun u => ind (- r <= u <= r /\ I u)) with
        (fun u => 0 * ind (- r <= u <= r) + 0 * ind (- r <= u <= r)); [apply HL; exact W|].
      extensionality u. rewrite (ind_false (- r <= u <= r /\ I u)); [ring|]. intros Q. apply K in Q. lra.
  - replace (fun u => ind (- r <= u <= r) * (a * f u + b * g u)) with
      (fun u => a * (ind (- r <= u <= r) * f u) + b * (ind (- r <= u <= r) * g u))
      by (extensionality u; ring). apply HL; assumption.
Qed.

Lemma is_RInt_ramp r s : - (2 * r) <= s <= 2 * r ->
  is_RInt (fun t => Rmax 0 (t + s)) (- (2 * r)) (2 * r) ((2 * r + s) ^ 2 / 2).
Proof.
  intros H. assert (I1 : is_RInt (fun t => Rmax 0 (t + s)) (- (2 * r)) (- s) ((- s - - (2 * r)) * 0)).
  { apply is_RInt_constant. intros t Ht. rewrite Rmin_left, Rmax_right in Ht by lra.
    symmetry. apply Rmax_left. lra. }
  assert (I2 : is_RInt (fun t => Rmax 0 (t + s)) (- s) (2 * r)
    (minus ((2 * r + s) ^ 2 / 2) ((- s + s) ^ 2 / 2))).
  { apply (is_RInt_ext (fun t => t + s)).
    - intros t Ht. rewrite Rmin_left, Rmax_right in Ht by lra. symmetry. apply Rmax_right. lra.
    - apply (is_RInt_derive (fun t => (t + s) ^ 2 / 2)).
      + intros t _. auto_derive; [exact I|field].
      + intros t _. apply (continuous_plus (fun t => t) (fun _ => s));
          [apply continuous_id|apply continuous_const]. }
  pose proof (is_RInt_Chasles _ _ _ _ _ _ I1 I2) as Q.
  replace ((2 * r + s) ^ 2 / 2) with
    (plus ((- s - - (2 * r)) * 0) (minus ((2 * r + s) ^ 2 / 2) ((- s + s) ^ 2 / 2)));
    [exact Q|unfold plus, minus, opp, plus; simpl; field].
Qed.

(** How much of [f], moved by [t], meets [g]. *)
Definition meeting r (f g : R -> R) (t : R) : R := RInt (fun z => f (z - t) * g z) (- r) r.

Lemma overlap_moving a b c d t : a <= b -> c <= d ->
  Rmax 0 (Rmin (b + t) d - Rmax (a + t) c) =
  Rmax 0 (t + (b - c)) - Rmax 0 (t + (a - c)) - (Rmax 0 (t + (b - d)) - Rmax 0 (t + (a - d))).
Proof.
  intros H1 H2. unfold Rmin. destruct (Rle_dec (b + t) d); unfold Rmax;
    destruct (Rle_dec (a + t) c); destruct (Rle_dec 0 (t + (b - c))); destruct (Rle_dec 0 (t + (a - c)));
    destruct (Rle_dec 0 (t + (b - d))); destruct (Rle_dec 0 (t + (a - d)));
    match goal with |- context [Rle_dec 0 ?x] => destruct (Rle_dec 0 x) | _ => idtac end; lra.
Qed.

Lemma meeting_intervals r a b c d I J : 0 < r -> - r <= a -> a <= b -> b <= r ->
  - r <= c -> c <= d -> d <= r -> interval a b I -> interval c d J ->
  is_RInt (meeting r (fun u => ind (I u)) (fun u => ind (J u))) (- (2 * r)) (2 * r)
    (RInt (fun u => ind (I u)) (- r) r * RInt (fun u => ind (J u)) (- r) r).
Proof.
  intros Hr A1 A2 A3 C1 C2 C3 HI HJ.
  rewrite (RInt_inside r a b I), (RInt_inside r c d J) by (assumption || lra).
  apply (is_RInt_ext (fun t => minus
    (minus (Rmax 0 (t + (b - c))) (Rmax 0 (t + (a - c))))
    (minus (Rmax 0 (t + (b - d))) (Rmax 0 (t + (a - d)))))).
  - intros t _. unfold meeting. symmetry.
    assert (K : interval (a + t) (b + t) (fun z => I (z - t))).
    { destruct HI as [H1 H2]. split; [intros u Hu; apply H1|intros u Hu; apply H2 in Hu]; lra. }
    rewrite (RInt_ext _ (fun z => ind (I (z - t) /\ J z))) by (intros; symmetry; apply ind_and).
    rewrite (is_RInt_unique _ _ _ _ (is_RInt_interval_between (- r) r _ _ _ ltac:(lra)
      (interval_and _ _ _ _ _ _ K HJ))).
    rewrite (Rmin_left _ r), (Rmax_left _ (- r)), overlap_moving; try assumption.
    + unfold minus, plus, opp; simpl. ring.
    + eapply Rle_trans; [|apply Rmax_r]. lra.
    + eapply Rle_trans; [apply Rmin_r|]. lra.
  - replace ((b - a) * (d - c)) with (minus
      (minus ((2 * r + (b - c)) ^ 2 / 2) ((2 * r + (a - c)) ^ 2 / 2))
      (minus ((2 * r + (b - d)) ^ 2 / 2) ((2 * r + (a - d)) ^ 2 / 2)))
      by (unfold minus, plus, opp; simpl; field).
    apply (is_RInt_minus (V := R_NormedModule) (fun t => minus (Rmax 0 (t + (b - c))) (Rmax 0 (t + (a - c)))));
      apply (is_RInt_minus (V := R_NormedModule)); apply is_RInt_ramp; lra.
Qed.

Lemma meeting_lin_left r a b f1 f2 g t : 0 < r -> step f1 -> step f2 -> step g ->
  meeting r (fun u => a * f1 u + b * f2 u) g t = a * meeting r f1 g t + b * meeting r f2 g t.
Proof.
  intros Hr H1 H2 Hg. unfold meeting. rewrite <- RInt_step_lin; [|lra| |].
  - f_equal. extensionality z. ring.
  - apply step_mult; [apply (step_shift f1)|]; assumption.
  - apply step_mult; [apply (step_shift f2)|]; assumption.
Qed.

Lemma meeting_lin_right r a b f g1 g2 t : 0 < r -> step f -> step g1 -> step g2 ->
  meeting r f (fun u => a * g1 u + b * g2 u) t = a * meeting r f g1 t + b * meeting r f g2 t.
Proof.
  intros Hr Hf H1 H2. unfold meeting. rewrite <- RInt_step_lin; [|lra| |].
  - f_equal. extensionality z. ring.
  - apply step_mult; [apply (step_shift f)|]; assumption.
  - apply step_mult; [apply (step_shift f)|]; assumption.
Qed.

(** While it moves over all of [- 2 r], [2 r], a set meets another as long as both are. *)
Lemma meeting_total r f g : 0 < r -> step f -> step g ->
  let F := fun u => ind (- r <= u <= r) * f u in let G := fun u => ind (- r <= u <= r) * g u in
  is_RInt (meeting r F G) (- (2 * r)) (2 * r) (RInt F (- r) r * RInt G (- r) r).
Proof.
  intros Hr Hf Hg F G. assert (SF : step F) by (apply step_mult; [apply step_between|exact Hf]).
  set (P h k := is_RInt (meeting r h k) (- (2 * r)) (2 * r) (RInt h (- r) r * RInt k (- r) r)).
  enough (step G /\ P F G) by tauto.
  apply (step_inside (fun k => step k /\ P F k) r Hr); [| |exact Hg].
  - intros c d J C1 C2 C3 HJ. assert (SJ := step_interval c d J HJ). split; [exact SJ|].
    enough (step F /\ P F (fun u => ind (J u))) by tauto.
    apply (step_inside (fun h => step h /\ P h (fun u => ind (J u))) r Hr); [| |exact Hf].
    + intros a b I A1 A2 A3 HI. split; [apply (step_interval a b I HI)|].
      apply (meeting_intervals r a b c d I J); assumption.
    + intros a b h k [Sh Ph] [Sk Pk]. split; [apply step_lin; assumption|]. unfold P.
      rewrite RInt_step_lin by first [lra|assumption].
      replace (meeting r (fun u => a * h u + b * k u) (fun u => ind (J u))) with
        (fun t => a * meeting r h (fun u => ind (J u)) t + b * meeting r k (fun u => ind (J u)) t)
        by (extensionality t; symmetry; apply meeting_lin_left; assumption).
      replace ((a * RInt h (- r) r + b * RInt k (- r) r) * RInt (fun u => ind (J u)) (- r) r) with
        (a * (RInt h (- r) r * RInt (fun u => ind (J u)) (- r) r) +
         b * (RInt k (- r) r * RInt (fun u => ind (J u)) (- r) r)) by ring.
      apply is_RInt_lin; assumption.
  - intros a b h k [Sh Ph] [Sk Pk]. split; [apply step_lin; assumption|]. unfold P.
    rewrite RInt_step_lin by (lra || assumption).
    replace (meeting r F (fun u => a * h u + b * k u)) with
      (fun t => a * meeting r F h t + b * meeting r F k t)
      by (extensionality t; symmetry; apply meeting_lin_right; assumption).
    replace (RInt F (- r) r * (a * RInt h (- r) r + b * RInt k (- r) r)) with
      (a * (RInt F (- r) r * RInt h (- r) r) + b * (RInt F (- r) r * RInt k (- r) r)) by ring.
    apply is_RInt_lin; assumption.
Qed.

(** ** Covered sets *)

(** Moved copies of what is covered, cut off at [- r] and [r]: the book's rule for [C] after one
    more number [t]. *)
Definition next (r : R) (C : R -> Prop) (t z : R) : Prop := C z \/ (- r <= z <= r /\ C (z - t)).

(** A finite union of intervals between [- r] and [r]. *)
Definition piecewise (r : R) (C : R -> Prop) : Prop :=
  step (fun z => ind (C z)) /\ forall z, C z -> - r <= z <= r.

Definition length_of (r : R) (C : R -> Prop) : R := RInt (fun z => ind (C z)) (- r) r.
Definition share (r : R) (C : R -> Prop) : R := length_of r C / (2 * r).
Definition potential (r : R) (C : R -> Prop) : R := / share r C - 1.

(** What [t] newly covers. *)
Definition newly (r : R) (C : R -> Prop) : R -> R :=
  meeting r (fun z => ind (C z)) (fun z => 1 - ind (C z)).

Lemma ind_le_1 A : ind A <= 1.
Proof. unfold ind. destruct (ClassicalEpsilon.excluded_middle_informative A); lra. Qed.

Lemma ind_next r C t z : ind (next r C t z) =
  ind (C z) + ind (- r <= z <= r) * (ind (C (z - t)) * (1 - ind (C z))).
Proof.
  unfold next, ind. repeat destruct (ClassicalEpsilon.excluded_middle_informative _);
    try lra; tauto.
Qed.

Lemma step_one_minus C : step (fun z => ind (C z)) -> step (fun z => 1 - ind (C z)).
Proof. intros H. apply (step_minus (fun _ => 1) (fun z => ind (C z))); [apply step_one|exact H]. Qed.

Lemma step_new C t : step (fun z => ind (C z)) ->
  step (fun z => ind (C (z - t)) * (1 - ind (C z))).
Proof.
  intros H. apply (step_mult (fun z => ind (C (z - t)))); [|apply step_one_minus, H].
  apply (step_shift (fun z => ind (C z))), H.
Qed.

Lemma piecewise_next r C t : piecewise r C -> piecewise r (next r C t).
Proof.
  intros [S B]. split.
  - replace (fun z => ind (next r C t z)) with (fun z => ind (C z) +
      ind (- r <= z <= r) * (ind (C (z - t)) * (1 - ind (C z))))
      by (extensionality z; symmetry; apply ind_next).
    apply step_plus; [exact S|]. apply step_mult; [apply step_between|apply step_new, S].
  - intros z [H|[H _]]; auto.
Qed.

Lemma length_next r C t : 0 < r -> piecewise r C ->
  length_of r (next r C t) = length_of r C + newly r C t.
Proof.
  intros Hr [S _]. unfold length_of, newly, meeting.
  rewrite <- RInt_step_plus; [|lra|exact S|apply step_new, S].
  apply RInt_ext. intros z Hz. rewrite Rmin_left, Rmax_right in Hz by lra.
  rewrite ind_next, (ind_true (- r <= z <= r)) by lra. real_eq. ring.
Qed.

Lemma newly_bounds r C t : 0 < r -> piecewise r C -> 0 <= newly r C t <= length_of r C.
Proof.
  intros Hr [S B]. unfold newly, meeting. split.
  - apply RInt_step_pos; [lra|apply step_new, S|]. intros z _.
    pose proof (ind_pos (C (z - t))). pose proof (ind_le_1 (C z)). nra.
  - eapply Rle_trans; [|apply (RInt_shift_le r (fun z => ind (C z)) t Hr S)].
    + apply RInt_step_le; [lra|apply step_new, S|apply (step_shift (fun z => ind (C z))), S|].
      intros z _. pose proof (ind_pos (C (z - t))). pose proof (ind_pos (C z)). nra.
    + intros z. apply ind_pos.
    + intros z H. apply ind_false. intros K. apply H, B, K.
Qed.

Lemma length_bounds r C : 0 < r -> piecewise r C -> 0 <= length_of r C <= 2 * r.
Proof.
  intros Hr [S _]. split.
  - apply RInt_step_pos; [lra|exact S|intros; apply ind_pos].
  - replace (2 * r) with (RInt (fun _ => 1) (- r) r) by (rewrite RInt_one; real_eq; ring).
    apply RInt_step_le; [lra|exact S|apply step_one|intros; apply ind_le_1].
Qed.

(** The integral over all moves: a pair of points, one covered, the other not, is met once. *)
Lemma newly_total r C : 0 < r -> piecewise r C ->
  RInt (newly r C) (- (2 * r)) (2 * r) = length_of r C * (2 * r - length_of r C).
Proof.
  intros Hr [S B]. pose proof (step_one_minus C S) as S1. apply is_RInt_unique.
  pose proof (meeting_total r _ _ Hr S S1) as Q. cbv beta zeta in Q.
  assert (E1 : (fun u => ind (- r <= u <= r) * ind (C u)) = (fun u => ind (C u))).
  { extensionality u. rewrite <- ind_and. apply ind_iff. specialize (B u). tauto. }
  rewrite E1 in Q.
  assert (E2 : RInt (fun u => ind (- r <= u <= r) * (1 - ind (C u))) (- r) r =
    2 * r - length_of r C).
  { transitivity (RInt (fun u => 1 - ind (C u)) (- r) r).
    - apply RInt_ext. intros z Hz. rewrite Rmin_left, Rmax_right in Hz by lra.
      rewrite ind_true by lra. real_eq. ring.
    - rewrite (RInt_step_minus (- r) r (fun _ => 1) (fun z => ind (C z)) ltac:(lra) step_one S).
      rewrite RInt_one. unfold length_of. real_eq. ring. }
  rewrite E2 in Q. eapply is_RInt_ext; [|exact Q]. intros t _. unfold newly, meeting.
  apply RInt_ext. intros z Hz. rewrite Rmin_left, Rmax_right in Hz by lra.
  rewrite (ind_true (- r <= z <= r)) by lra. real_eq. ring.
Qed.

(** ** Small moves change little *)

Lemma ind_apart_le (X Y : Prop) S : 0 <= S -> (X -> ~ Y -> 1 <= S) -> (~ X -> Y -> 1 <= S) ->
  Rabs (ind X - ind Y) <= S.
Proof.
  intros H0 H1 H2. unfold ind.
  destruct (ClassicalEpsilon.excluded_middle_informative X),
    (ClassicalEpsilon.excluded_middle_informative Y); apply Rabs_le; split;
    try specialize (H1 ltac:(assumption) ltac:(assumption));
    try specialize (H2 ltac:(assumption) ltac:(assumption)); lra.
Qed.

Lemma ind_apart X Y : ~ (X <-> Y) -> Rabs (ind X - ind Y) = 1.
Proof.
  intros H. unfold ind.
  destruct (ClassicalEpsilon.excluded_middle_informative X),
    (ClassicalEpsilon.excluded_middle_informative Y); try tauto.
  - rewrite Rminus_0_r. apply Rabs_R1.
  - rewrite Rabs_left; lra.
Qed.

Lemma ind_mix X W Y X' W' Y' :
  Rabs (ind (X \/ (W /\ Y)) - ind (X' \/ (W' /\ Y'))) <=
  Rabs (ind X - ind X') + Rabs (ind Y - ind Y') + Rabs (ind W - ind W').
Proof.
  pose proof (Rabs_pos (ind X - ind X')). pose proof (Rabs_pos (ind Y - ind Y')).
  pose proof (Rabs_pos (ind W - ind W')).
  assert (D : ~ (X \/ (W /\ Y) <-> X' \/ (W' /\ Y')) ->
    1 <= Rabs (ind X - ind X') + Rabs (ind Y - ind Y') + Rabs (ind W - ind W')).
  { intros N. destruct (classic (X <-> X')) as [HX|HX]; [|rewrite (ind_apart X X' HX); lra].
    destruct (classic (Y <-> Y')) as [HY|HY]; [|rewrite (ind_apart Y Y' HY); lra].
    destruct (classic (W <-> W')) as [HW|HW]; [tauto|rewrite (ind_apart W W' HW); lra]. }
  apply ind_apart_le; [lra| |]; intros; apply D; tauto.
Qed.

Lemma step_apart A B : step (fun z => ind (A z)) -> step (fun z => ind (B z)) ->
  step (fun z => Rabs (ind (A z) - ind (B z))).
Proof.
  intros HA HB. replace (fun z => Rabs (ind (A z) - ind (B z))) with
    (fun z => 1 * (ind (A z) + ind (B z)) + -2 * (ind (A z) * ind (B z))).
  - apply (step_lin 1 (-2) (fun z => ind (A z) + ind (B z)));
      [apply step_plus|apply step_mult]; assumption.
  - extensionality z. unfold ind.
    destruct (ClassicalEpsilon.excluded_middle_informative (A z)),
      (ClassicalEpsilon.excluded_middle_informative (B z));
      unfold Rabs; destruct (Rcase_abs _); lra.
Qed.

Lemma ind_moved a b I s t z : interval a b I -> s <= t ->
  Rabs (ind (I (z - s)) - ind (I (z - t))) <= ind (a + s <= z <= a + t) + ind (b + s <= z <= b + t).
Proof.
  intros [H1 H2] L. pose proof (ind_pos (a + s <= z <= a + t)) as PA.
  pose proof (ind_pos (b + s <= z <= b + t)) as PB.
  assert (C : a + s <= z <= a + t \/ b + s <= z <= b + t ->
    1 <= ind (a + s <= z <= a + t) + ind (b + s <= z <= b + t)).
  { intros [H|H]; [rewrite (ind_true (a + s <= z <= a + t) H)|
      rewrite (ind_true (b + s <= z <= b + t) H)]; lra. }
  apply ind_apart_le; [lra| |]; intros P Q; apply C.
  - apply H2 in P. destruct (Rle_dec z (a + t)); [left; lra|right].
    destruct (Rlt_dec (z - t) b); [exfalso; apply Q, H1; lra|lra].
  - apply H2 in Q. destruct (Rlt_dec (z - s) b); [left|right; lra].
    destruct (Rlt_dec a (z - s)); [exfalso; apply P, H1; lra|lra].
Qed.

Lemma RInt_between_le r p q : 0 < r -> p <= q -> RInt (fun z => ind (p <= z <= q)) (- r) r <= q - p.
Proof.
  intros Hr H. assert (I : interval p q (fun z => p <= z <= q)) by (split; intros; lra).
  rewrite (is_RInt_unique _ _ _ _ (is_RInt_interval_between (- r) r p q _ ltac:(lra) I)).
  apply Rmax_lub; [lra|]. pose proof (Rmin_l q r). pose proof (Rmax_l p (- r)). lra.
Qed.

(** Moved a little, a step function differs little from itself. *)
Lemma step_modulus r f : 0 < r -> step f -> exists K, 0 <= K /\ forall s t, exists g,
  step g /\ (forall z, Rabs (f (z - s) - f (z - t)) <= g z) /\ RInt g (- r) r <= K * Rabs (s - t).
Proof.
  intros Hr H. induction H as [|a b I HI|a b f1 f2 _ (K1 & P1 & H1) _ (K2 & P2 & H2)].
  - exists 0. split; [lra|]. intros s t. exists (fun _ => 0 * 1 + 0 * 1).
    split; [apply (step_lin 0 0 (fun _ => 1) (fun _ => 1)); apply step_one|]. split.
    + intros z. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
    + rewrite RInt_const. unfold scal; simpl; unfold mult; simpl. lra.
  - exists 2. split; [lra|].
    enough (X : forall s t, s <= t -> exists g, step g /\
      (forall z, Rabs (ind (I (z - s)) - ind (I (z - t))) <= g z) /\ RInt g (- r) r <= 2 * (t - s)).
    { intros s t. destruct (Rle_dec s t) as [L|L].
      - destruct (X s t L) as (g & Sg & G & Q). exists g. rewrite Rabs_minus_sym, Rabs_pos_eq by lra.
        auto.
      - destruct (X t s ltac:(lra)) as (g & Sg & G & Q). exists g.
        rewrite Rabs_pos_eq by lra. split; [exact Sg|split; [|exact Q]].
        intros z. rewrite Rabs_minus_sym. apply G. }
    intros s t L. exists (fun z => ind (a + s <= z <= a + t) + ind (b + s <= z <= b + t)).
    split; [apply step_plus; apply step_between|]. split.
    + intros z. apply ind_moved; assumption.
    + rewrite RInt_step_plus by (lra || apply step_between).
      pose proof (RInt_between_le r (a + s) (a + t) Hr ltac:(lra)).
      pose proof (RInt_between_le r (b + s) (b + t) Hr ltac:(lra)). lra.
  - pose proof (Rabs_pos a) as Pa. pose proof (Rabs_pos b) as Pb.
    exists (Rabs a * K1 + Rabs b * K2). split; [nra|]. intros s t.
    destruct (H1 s t) as (g1 & S1 & G1 & Q1). destruct (H2 s t) as (g2 & S2 & G2 & Q2).
    exists (fun z => Rabs a * g1 z + Rabs b * g2 z). split; [apply step_lin; assumption|]. split.
    + intros z. specialize (G1 z). specialize (G2 z).
      replace (a * f1 (z - s) + b * f2 (z - s) - (a * f1 (z - t) + b * f2 (z - t))) with
        (a * (f1 (z - s) - f1 (z - t)) + b * (f2 (z - s) - f2 (z - t))) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult. nra.
    + rewrite RInt_step_lin by (lra || assumption). pose proof (Rabs_pos (s - t)). nra.
Qed.

(** A set that is covered, and how much it differs from itself when moved. *)
Definition regular (r K : R) (C : R -> Prop) : Prop := piecewise r C /\ forall s t,
  RInt (fun z => Rabs (ind (C (z - s)) - ind (C (z - t)))) (- r) r <= K * Rabs (s - t).

Lemma step_moved C t : step (fun z => ind (C z)) -> step (fun z => ind (C (z - t))).
Proof. apply (step_shift (fun z => ind (C z))). Qed.

Lemma piecewise_regular r C : 0 < r -> piecewise r C -> exists K, 0 <= K /\ regular r K C.
Proof.
  intros Hr P. destruct (step_modulus r _ Hr (proj1 P)) as (K & PK & H).
  exists K. split; [exact PK|]. split; [exact P|]. intros s t. destruct (H s t) as (g & Sg & G & Q).
  eapply Rle_trans; [|exact Q]. apply RInt_step_le; [lra| |exact Sg|intros; apply G].
  apply (step_apart (fun z => C (z - s)) (fun z => C (z - t))); apply step_moved, P.
Qed.

(** How much two sets differ. *)
Definition apart (r : R) (A B : R -> Prop) : R :=
  RInt (fun z => Rabs (ind (A z) - ind (B z))) (- r) r.

Lemma length_apart r A B : 0 < r -> piecewise r A -> piecewise r B ->
  Rabs (length_of r A - length_of r B) <= apart r A B.
Proof.
  intros Hr [SA _] [SB _]. pose proof (step_apart A B SA SB) as SD. unfold length_of, apart.
  assert (X : forall f g, step f -> step g -> (forall z, f z <= g z + Rabs (ind (A z) - ind (B z))) ->
    RInt f (- r) r - RInt g (- r) r <= RInt (fun z => Rabs (ind (A z) - ind (B z))) (- r) r).
  { intros f g Sf Sg H. assert (RInt f (- r) r <=
      RInt g (- r) r + RInt (fun z => Rabs (ind (A z) - ind (B z))) (- r) r); [|lra].
    rewrite <- RInt_step_plus by (lra || assumption).
    apply RInt_step_le; [lra|exact Sf|apply step_plus; assumption|auto]. }
  apply Rabs_le. split.
  - assert (RInt (fun z => ind (B z)) (- r) r - RInt (fun z => ind (A z)) (- r) r <=
      RInt (fun z => Rabs (ind (A z) - ind (B z))) (- r) r); [|lra].
    apply X; try assumption. intros z. pose proof (Rle_abs (- (ind (A z) - ind (B z)))) as Q.
    rewrite Rabs_Ropp in Q. lra.
  - apply X; try assumption. intros z. pose proof (Rle_abs (ind (A z) - ind (B z))). lra.
Qed.

Lemma apart_next r A B t : 0 < r -> piecewise r A -> piecewise r B ->
  apart r (next r A t) (next r B t) <= 2 * apart r A B.
Proof.
  intros Hr PA PB. pose proof (step_apart A B (proj1 PA) (proj1 PB)) as S. unfold apart.
  set (g := fun z => Rabs (ind (A z) - ind (B z))). fold g in S.
  apply Rle_trans with (RInt (fun z => g z + g (z - t)) (- r) r).
  - apply RInt_step_le; [lra| |apply step_plus; [exact S|apply step_shift, S]|].
    + apply step_apart; apply piecewise_next; assumption.
    + intros z _. eapply Rle_trans; [apply ind_mix|]. unfold g.
      rewrite (Rminus_diag_eq (ind (- r <= z <= r))), Rabs_R0 by reflexivity. lra.
  - rewrite (RInt_step_plus (- r) r g (fun z => g (z - t)))
      by (lra || assumption || (apply step_shift, S)).
    assert (RInt (fun z => g (z - t)) (- r) r <= RInt g (- r) r); [|lra].
    apply RInt_shift_le; [exact Hr|exact S|intros; apply Rabs_pos|].
    intros z H. unfold g. rewrite !ind_false; [rewrite Rminus_0_r; apply Rabs_R0| |];
      intros K; apply H; [apply PB|apply PA]; exact K.
Qed.

Lemma apart_moves r K C s t : 0 < r -> regular r K C ->
  apart r (next r C s) (next r C t) <= K * Rabs (s - t).
Proof.
  intros Hr [P H]. eapply Rle_trans; [|apply H]. unfold apart. apply RInt_step_le; [lra| | |].
  - apply step_apart; apply piecewise_next, P.
  - apply (step_apart (fun z => C (z - s)) (fun z => C (z - t))); apply step_moved, P.
  - intros z _. eapply Rle_trans; [apply ind_mix|].
    rewrite (Rminus_diag_eq (ind (- r <= z <= r))), (Rminus_diag_eq (ind (C z))), Rabs_R0
      by reflexivity. lra.
Qed.

Lemma regular_next r : 0 < r -> exists W, 0 <= W /\ forall K C u,
  regular r K C -> regular r (2 * K + W) (next r C u).
Proof.
  intros Hr. destruct (piecewise_regular r (fun z => - r <= z <= r) Hr) as (W & PW & [_ HW]);
    [split; [apply step_between|auto]|].
  exists W. split; [exact PW|]. intros K C u [P H]. split; [apply piecewise_next, P|]. intros s t.
  pose proof (H s t) as H1. pose proof (H (s + u) (t + u)) as H2. pose proof (HW s t) as H3.
  replace (s + u - (t + u)) with (s - t) in H2 by ring.
  assert (SM : forall a, step (fun z => ind (C (z - a)))) by (intros; apply step_moved, P).
  assert (S1 := step_apart _ _ (SM s) (SM t)). assert (S2 := step_apart _ _ (SM (s + u)) (SM (t + u))).
  assert (SW : forall a, step (fun z => ind (- r <= z - a <= r)))
    by (intros; apply (step_moved (fun z => - r <= z <= r)), step_between).
  assert (S3 := step_apart _ _ (SW s) (SW t)).
  eapply Rle_trans; [apply RInt_step_le with (g := fun z =>
    Rabs (ind (C (z - s)) - ind (C (z - t))) + Rabs (ind (C (z - (s + u))) - ind (C (z - (t + u)))) +
    Rabs (ind (- r <= z - s <= r) - ind (- r <= z - t <= r)))|].
  - lra.
  - apply (step_apart (fun z => next r C u (z - s)) (fun z => next r C u (z - t)));
      apply (step_moved (next r C u)), piecewise_next, P.
  - apply (step_plus (fun z => _ + _)); [apply step_plus|]; assumption.
  - intros z _. eapply Rle_trans; [apply ind_mix|].
    replace (z - s - u) with (z - (s + u)) by ring. replace (z - t - u) with (z - (t + u)) by ring. lra.
  - rewrite (RInt_step_plus (- r) r (fun z => _ + _)); [|lra|apply step_plus; assumption|exact S3].
    rewrite RInt_step_plus by (lra || assumption). lra.
Qed.

(** ** Laws *)

(** Bounded functions with a Lipschitz constant. *)
Definition tame (f : R -> R) : Prop := exists B K, forall s t,
  Rabs (f t) <= B /\ Rabs (f s - f t) <= K * Rabs (s - t).

(** A law of one number, given by the means of functions, those of [tame] ones among them. Its density
    is at least [d] on [- 2 r], [2 r]: so much at least do values there contribute to a mean. *)
Definition spread (d r : R) (m : mean R) : Prop :=
  (forall f, tame f -> dom m f) /\
  (forall f, tame f -> (forall t, 0 <= f t) -> d * RInt f (- (2 * r)) (2 * r) <= E m f).

Lemma tame_const c : tame (fun _ => c).
Proof.
  exists (Rabs c), 0. intros s t. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
Qed.

Lemma tame_lin a b f g : tame f -> tame g -> tame (fun t => a * f t + b * g t).
Proof.
  intros (B1 & K1 & H1) (B2 & K2 & H2).
  exists (Rabs a * B1 + Rabs b * B2), (Rabs a * K1 + Rabs b * K2). intros s t.
  destruct (H1 s t) as [P1 Q1]. destruct (H2 s t) as [P2 Q2].
  pose proof (Rabs_pos a). pose proof (Rabs_pos b). split.
  - eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult. nra.
  - replace (a * f s + b * g s - (a * f t + b * g t)) with (a * (f s - f t) + b * (g s - g t)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult. nra.
Qed.

Lemma E_le {T} (m : mean T) f g : dom m f -> dom m g -> (forall t, f t <= g t) -> E m f <= E m g.
Proof.
  intros Hf Hg H. assert (Q : 0 <= E m (fun t => 1 * g t + -1 * f t)).
  { apply E_pos; [apply dom_lin; assumption|]. intros t. specialize (H t). lra. }
  rewrite E_lin in Q by assumption. lra.
Qed.

Lemma E_affine {T} (m : mean T) a b f : dom m f -> E m (fun t => a * 1 + b * f t) = a + b * E m f.
Proof. intros H. rewrite (E_lin m a b (fun _ => 1)) by (apply dom_one || exact H). rewrite E_one. ring. Qed.

(** No density is larger than that of the uniform law. *)
Lemma spread_small d r m : 0 < r -> spread d r m -> d * (4 * r) <= 1.
Proof.
  intros Hr [D H]. rewrite <- (E_one m). specialize (H (fun _ => 1) (tame_const 1)).
  rewrite RInt_one in H. eapply Rle_trans; [|apply H; intros; lra]. right. ring.
Qed.

(** ** The potential *)

Lemma potential_form r C : 0 < r -> 0 < length_of r C -> potential r C = 2 * r / length_of r C - 1.
Proof. intros Hr H. unfold potential, share. field. lra. Qed.

Lemma potential_bounds r C : 0 < r -> piecewise r C -> 0 < length_of r C ->
  0 <= potential r C <= 2 * r / length_of r C.
Proof.
  intros Hr P H. rewrite potential_form by assumption. destruct (length_bounds r C Hr P) as [_ L].
  split; [|lra]. assert (1 <= 2 * r / length_of r C); [|lra].
  apply Rmult_le_reg_r with (length_of r C); [exact H|]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Lemma potential_apart r A B l : 0 < r -> piecewise r A -> piecewise r B -> 0 < l ->
  l <= length_of r A -> l <= length_of r B ->
  Rabs (potential r A - potential r B) <= 2 * r / (l * l) * apart r A B.
Proof.
  intros Hr PA PB Hl HA HB. rewrite !potential_form by lra.
  pose proof (length_apart r A B Hr PA PB) as D. set (x := length_of r A) in *.
  set (y := length_of r B) in *.
  assert (XY : l * l <= x * y) by (apply Rmult_le_compat; lra).
  assert (LL : 0 < l * l) by (apply Rmult_lt_0_compat; lra).
  replace (2 * r / x - 1 - (2 * r / y - 1)) with (2 * r / (x * y) * - (x - y)) by (field; lra).
  rewrite Rabs_mult, Rabs_Ropp, Rabs_pos_eq.
  - apply Rmult_le_compat; [|apply Rabs_pos| |exact D].
    + apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat. lra.
    + apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra.
  - apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat. lra.
Qed.

Lemma length_next_bounds r C t : 0 < r -> piecewise r C ->
  length_of r C <= length_of r (next r C t) <= 2 * length_of r C.
Proof.
  intros Hr P. rewrite length_next by assumption. pose proof (newly_bounds r C t Hr P). lra.
Qed.

Lemma tame_length r C : 0 < r -> piecewise r C -> tame (fun t => length_of r (next r C t)).
Proof.
  intros Hr P. destruct (piecewise_regular r C Hr P) as (K & PK & H). exists (2 * r), K. intros s t.
  pose proof (piecewise_next r C s P) as Ps. pose proof (piecewise_next r C t P) as Pt. split.
  - pose proof (length_bounds r _ Hr Pt). rewrite Rabs_pos_eq; lra.
  - eapply Rle_trans; [apply length_apart; assumption|]. apply apart_moves; assumption.
Qed.

Lemma tame_potential r C : 0 < r -> piecewise r C -> 0 < length_of r C ->
  tame (fun t => potential r (next r C t)).
Proof.
  intros Hr P HL. destruct (piecewise_regular r C Hr P) as (K & PK & H).
  set (l := length_of r C) in *. exists (2 * r / l), (2 * r / (l * l) * K). intros s t.
  assert (N : forall u, piecewise r (next r C u)) by (intros; apply piecewise_next, P).
  assert (L : forall u, l <= length_of r (next r C u)) by (intros u; exact (proj1 (length_next_bounds r C u Hr P))).
  split.
  - destruct (potential_bounds r _ Hr (N t)) as [Q1 Q2]; [specialize (L t); lra|].
    rewrite Rabs_pos_eq by exact Q1. eapply Rle_trans; [exact Q2|].
    apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [exact HL|apply L].
  - eapply Rle_trans; [apply (potential_apart r _ _ l); auto|]. rewrite Rmult_assoc.
    apply Rmult_le_compat_l; [|apply apart_moves; assumption].
    apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; exact HL.
Qed.

Lemma mean_newly d r m C : 0 < r -> spread d r m -> piecewise r C ->
  tame (newly r C) /\ d * (length_of r C * (2 * r - length_of r C)) <= E m (newly r C).
Proof.
  intros Hr [_ HE] P. assert (T : tame (newly r C)).
  { replace (newly r C) with (fun t => 1 * length_of r (next r C t) + -1 * length_of r C)
      by (extensionality t; rewrite length_next by assumption; ring).
    apply (tame_lin 1 (-1) (fun t => length_of r (next r C t)) (fun _ => length_of r C));
      [apply tame_length; assumption|apply tame_const]. }
  split; [exact T|]. rewrite <- newly_total by assumption. apply HE; [exact T|].
  intros t. apply newly_bounds; assumption.
Qed.

(** [subset-sum-step] (whole): a law is given by its means; what is covered and its potential are
    functions that have one. *)
Theorem subset_sum_step (m : mean R) r d C :
  0 < r -> 0 < d -> spread d r m -> piecewise r C -> 0 < length_of r C ->
  let v := share r C in let v' := fun t => share r (next r C t) in let kappa := 2 * r * d in
  (forall t, v <= v' t <= 2 * v) /\
  (dom m v' /\ E m v' >= v * (1 + kappa * (1 - v))) /\
  (dom m (fun t => / v' t - 1) /\ E m (fun t => / v' t - 1) <= (1 - kappa / 2) * (/ v - 1)).
Proof.
  intros Hr Hd HS P HL v v' kappa. destruct (mean_newly d r m C Hr HS P) as [TN EN].
  pose proof (proj1 HS) as D. set (l := length_of r C) in *. set (n := newly r C) in *.
  assert (I : 0 < / (2 * r)) by (apply Rinv_0_lt_compat; lra).
  assert (N : forall t, 0 <= n t <= l) by (intros; apply newly_bounds; assumption).
  assert (F : forall t, v' t = v * 1 + / (2 * r) * n t).
  { intros t. unfold v', v, share. rewrite length_next by assumption. fold l n. field. lra. }
  split; [|split; split].
  - intros t. unfold v', v, share. pose proof (length_next_bounds r C t Hr P) as Q. fold l in Q |- *.
    unfold Rdiv. split; [apply Rmult_le_compat_r; lra|].
    rewrite <- Rmult_assoc. apply Rmult_le_compat_r; lra.
  - replace v' with (fun t => v * 1 + / (2 * r) * n t) by (extensionality t; auto).
    apply (dom_lin m v (/ (2 * r)) (fun _ => 1)); [apply dom_one|apply D, TN].
  - replace v' with (fun t => v * 1 + / (2 * r) * n t) by (extensionality t; auto).
    rewrite E_affine by (apply D, TN). apply Rle_ge.
    replace (v * (1 + kappa * (1 - v))) with (v + / (2 * r) * (d * (l * (2 * r - l))))
      by (unfold v, kappa, share; fold l; field; lra).
    apply Rplus_le_compat_l, Rmult_le_compat_l; lra.
  - apply D. apply (tame_potential r C Hr P HL).
  - assert (A : forall t, / v' t - 1 <= (2 * r / l - 1) * 1 + - (r / (l * l)) * n t).
    { intros t. specialize (N t). rewrite F. unfold v, share. fold l.
      replace (/ (l / (2 * r) * 1 + / (2 * r) * n t) - 1) with (2 * r / (l + n t) - 1) by (field; lra).
      assert (Q : 0 < r / (l * l * (l + n t)))
        by (apply Rdiv_lt_0_compat; [lra|]; repeat apply Rmult_lt_0_compat; lra).
      assert (X : (2 * r / l - 1) * 1 + - (r / (l * l)) * n t - (2 * r / (l + n t) - 1) =
        r / (l * l * (l + n t)) * (n t * (l - n t))) by (field; lra).
      assert (0 <= n t * (l - n t)) by (apply Rmult_le_pos; lra). nra. }
    eapply Rle_trans; [apply (E_le m _ (fun t => (2 * r / l - 1) * 1 +
      - (r / (l * l)) * n t) (D _ (tame_potential r C Hr P HL)))|].
    + apply (dom_lin m (2 * r / l - 1) (- (r / (l * l))) (fun _ => 1)); [apply dom_one|apply D, TN].
    + exact A.
    + rewrite E_affine by (apply D, TN).
      replace ((1 - kappa / 2) * (/ v - 1)) with
        (2 * r / l - 1 + - (r / (l * l)) * (d * (l * (2 * r - l))))
        by (unfold v, kappa, share; fold l; field; lra).
      assert (0 < r / (l * l)) by (apply Rdiv_lt_0_compat; [lra|apply Rmult_lt_0_compat; lra]).
      nra.
Qed.

(** ** Independent numbers *)

(** The same of several numbers: bounded, and Lipschitz in each of the first [n]. *)
Definition tame_in (n : nat) (f : (nat -> R) -> R) : Prop := exists B K, forall w,
  Rabs (f w) <= B /\ forall i s t, (i < n)%nat -> Rabs (f (upd w i s) - f (upd w i t)) <= K * Rabs (s - t).

(** An event has at most probability [delta]: its indicator is at most a function whose mean, an
    iterated integral, is at most that. *)
Definition at_most (m : nat -> mean R) (n : nat) (A : (nat -> R) -> Prop) (delta : R) : Prop :=
  exists g, tame_in n g /\ (forall x, 0 <= g x) /\ (forall x, A x -> 1 <= g x) /\ PE 0 m n g <= delta.

Lemma tame_in_const n c : tame_in n (fun _ => c).
Proof.
  exists (Rabs c), 0. intros w. split; [lra|]. intros i s t _.
  rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
Qed.

Lemma tame_in_lin n a b f g : tame_in n f -> tame_in n g -> tame_in n (fun w => a * f w + b * g w).
Proof.
  intros (B1 & K1 & H1) (B2 & K2 & H2).
  exists (Rabs a * B1 + Rabs b * B2), (Rabs a * K1 + Rabs b * K2). intros w.
  destruct (H1 w) as [P1 Q1]. destruct (H2 w) as [P2 Q2].
  pose proof (Rabs_pos a). pose proof (Rabs_pos b). split.
  - eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult. nra.
  - intros i s t Hi. specialize (Q1 i s t Hi). specialize (Q2 i s t Hi).
    replace (a * f (upd w i s) + b * g (upd w i s) - (a * f (upd w i t) + b * g (upd w i t))) with
      (a * (f (upd w i s) - f (upd w i t)) + b * (g (upd w i s) - g (upd w i t))) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult. nra.
Qed.

Lemma upd_swap (w : nat -> R) i j s t : i <> j -> upd (upd w i s) j t = upd (upd w j t) i s.
Proof.
  intros H. extensionality q. unfold upd.
  destruct (Nat.eqb_spec q j), (Nat.eqb_spec q i); subst; tauto || reflexivity.
Qed.

Lemma tame_in_slice n f t : tame_in (S n) f -> tame_in n (fun w => f (upd w n t)).
Proof.
  intros (B & K & H). exists B, K. intros w. split; [apply H|]. intros i s u Hi.
  rewrite !(upd_swap w i n) by lia. apply H. lia.
Qed.

Section Iterated.
Variable m : nat -> mean R.
Hypothesis Hm : forall i f, tame f -> dom (m i) f.

Definition is_mean (n : nat) : Prop :=
  (forall c, PE 0 m n (fun _ => c) = c) /\
  (forall a b f g, tame_in n f -> tame_in n g ->
     PE 0 m n (fun w => a * f w + b * g w) = a * PE 0 m n f + b * PE 0 m n g) /\
  (forall f, tame_in n f -> (forall w, 0 <= f w) -> 0 <= PE 0 m n f).

Lemma is_mean_le n f g : is_mean n -> tame_in n f -> tame_in n g -> (forall w, f w <= g w) ->
  PE 0 m n f <= PE 0 m n g.
Proof.
  intros (_ & L & P) Hf Hg H.
  assert (Q : 0 <= PE 0 m n (fun w => 1 * g w + -1 * f w)).
  { apply P; [apply tame_in_lin; assumption|]. intros w. specialize (H w). lra. }
  rewrite L in Q by assumption. lra.
Qed.

(** The mean over the first numbers, as a function of the last. *)
Lemma tame_slices n f : is_mean n -> tame_in (S n) f -> tame (fun t => PE 0 m n (fun w => f (upd w n t))).
Proof.
  intros IM Hf. pose proof IM as (IC & L & P). pose proof Hf as (B & K & H). exists B, K.
  assert (S : forall t, tame_in n (fun w => f (upd w n t))) by (intros; apply tame_in_slice, Hf).
  assert (D : forall s t, PE 0 m n (fun w => f (upd w n s)) - PE 0 m n (fun w => f (upd w n t)) <=
    K * Rabs (s - t)).
  { intros s t. apply Rle_trans with (PE 0 m n (fun w => 1 * f (upd w n t) + K * Rabs (s - t) * 1) -
      PE 0 m n (fun w => f (upd w n t))).
    - apply Rplus_le_compat_r. apply is_mean_le; [exact IM|apply S| |].
      + apply (tame_in_lin n 1 (K * Rabs (s - t)) (fun w => f (upd w n t)) (fun _ => 1));
          [apply S|apply tame_in_const].
      + intros w. destruct (H w) as [_ Q]. specialize (Q n s t (Nat.lt_succ_diag_r n)).
        apply Rabs_le_inv in Q. lra.
    - rewrite (L 1 (K * Rabs (s - t)) (fun w => f (upd w n t)) (fun _ => 1)), IC
        by (apply S || apply tame_in_const). lra. }
  intros s t. split.
  - apply Rabs_le. split.
    + rewrite <- (IC (- B)). apply is_mean_le; [exact IM|apply tame_in_const|apply S|].
      intros w. destruct (H (upd w n t)) as [Q _]. apply Rabs_le_inv in Q. lra.
    + rewrite <- (IC B). apply is_mean_le; [exact IM|apply S|apply tame_in_const|].
      intros w. destruct (H (upd w n t)) as [Q _]. apply Rabs_le_inv in Q. lra.
  - apply Rabs_le. split; [|apply D]. specialize (D t s). rewrite Rabs_minus_sym in D. lra.
Qed.

Lemma iterated_is_mean n : is_mean n.
Proof.
  induction n as [|n IH].
  - split; [reflexivity|split; [reflexivity|]]. intros f _ H. apply H.
  - pose proof IH as (IC & L & P). split; [|split].
    + intros c. simpl. rewrite IC. pose proof (E_scal (m n) c (fun _ => 1) (dom_one _)) as Q.
      rewrite E_one in Q. transitivity (E (m n) (fun _ => c * 1)); [f_equal; extensionality t|]; lra.
    + intros a b f g Hf Hg. simpl. rewrite <- E_lin by (apply Hm, tame_slices; assumption).
      f_equal. extensionality t.
      apply (L a b (fun w => f (upd w n t)) (fun w => g (upd w n t))); apply tame_in_slice; assumption.
    + intros f Hf H. simpl. apply E_pos; [apply Hm, tame_slices; assumption|].
      intros t. apply P; [apply tame_in_slice, Hf|auto].
Qed.
End Iterated.

(** ** What is covered in the end *)

(** [C] and its copies, moved by [x (n - 1)], ..., [x 0], one after the other. *)
Fixpoint cover (r : R) (n : nat) (C : R -> Prop) (x : nat -> R) : R -> Prop :=
  match n with O => C | S n => cover r n (next r C (x n)) x end.

Lemma cover_upd r n C x i t : (n <= i)%nat -> cover r n C (upd x i t) = cover r n C x.
Proof.
  revert C. induction n as [|n IH]; intros C Hi; [reflexivity|]. simpl. rewrite IH by lia.
  f_equal. f_equal. unfold upd. destruct (Nat.eqb_spec n i); [lia|reflexivity].
Qed.

Lemma cover_piecewise r n C x : piecewise r C -> piecewise r (cover r n C x).
Proof.
  revert C. induction n as [|n IH]; intros C P; [exact P|]. apply IH, piecewise_next, P.
Qed.

Lemma length_cover r n C x : 0 < r -> piecewise r C -> length_of r C <= length_of r (cover r n C x).
Proof.
  intros Hr. revert C. induction n as [|n IH]; intros C P; [apply Rle_refl|]. simpl.
  eapply Rle_trans; [exact (proj1 (length_next_bounds r C (x n) Hr P))|]. apply IH, piecewise_next, P.
Qed.

Lemma apart_cover r n A B x : 0 < r -> piecewise r A -> piecewise r B ->
  apart r (cover r n A x) (cover r n B x) <= 2 ^ n * apart r A B.
Proof.
  intros Hr. revert A B. induction n as [|n IH]; intros A B PA PB; [simpl; lra|]. simpl.
  eapply Rle_trans; [apply IH; apply piecewise_next; assumption|].
  replace (2 * 2 ^ n * apart r A B) with (2 ^ n * (2 * apart r A B)) by ring.
  apply Rmult_le_compat_l; [apply pow_le; lra|apply apart_next; assumption].
Qed.

Lemma cover_lipschitz r n : 0 < r -> forall K, 0 <= K -> exists L, 0 <= L /\ forall C w i s t,
  regular r K C -> (i < n)%nat ->
  apart r (cover r n C (upd w i s)) (cover r n C (upd w i t)) <= L * Rabs (s - t).
Proof.
  intros Hr. destruct (regular_next r Hr) as (W & PW & HW).
  induction n as [|n IH]; intros K PK; [exists 0; split; [lra|intros; lia]|].
  destruct (IH (2 * K + W)) as (L & PL & HL); [lra|]. assert (P2 : 0 <= 2 ^ n) by (apply pow_le; lra).
  exists (L + 2 ^ n * K). split; [nra|]. intros C w i s t HC Hi. simpl. pose proof (Rabs_pos (s - t)) as Q.
  destruct (Nat.eq_dec i n) as [->|Ni].
  - rewrite !cover_upd by lia. assert (V : forall u, upd w n u n = u)
      by (intros; unfold upd; rewrite Nat.eqb_refl; reflexivity). rewrite !V.
    eapply Rle_trans; [apply apart_cover; [exact Hr| |]; apply piecewise_next, HC|].
    pose proof (apart_moves r K C s t Hr HC) as D. pose proof (Rmult_le_compat_l _ _ _ P2 D).
    assert (0 <= L * Rabs (s - t)) by (apply Rmult_le_pos; assumption). lra.
  - assert (V : forall u, upd w i u n = w n)
      by (intros; unfold upd; destruct (Nat.eqb_spec n i); [lia|reflexivity]). rewrite !V.
    specialize (HL (next r C (w n)) w i s t (HW K C (w n) HC) ltac:(lia)).
    eapply Rle_trans; [exact HL|]. apply Rmult_le_compat_r; [exact Q|].
    assert (0 <= 2 ^ n * K) by (apply Rmult_le_pos; assumption). lra.
Qed.

Lemma tame_in_cover r n C : 0 < r -> piecewise r C -> 0 < length_of r C ->
  tame_in n (fun w => potential r (cover r n C w)).
Proof.
  intros Hr P HL. destruct (piecewise_regular r C Hr P) as (K & PK & HK).
  destruct (cover_lipschitz r n Hr K PK) as (L & PL & HC).
  exists (2 * r / length_of r C), (2 * r / (length_of r C * length_of r C) * L). intros w.
  assert (G : forall x, piecewise r (cover r n C x)) by (intros; apply cover_piecewise, P).
  assert (Lo : forall x, length_of r C <= length_of r (cover r n C x))
    by (intros x; exact (length_cover r n C x Hr P)).
  split.
  - destruct (potential_bounds r _ Hr (G w)) as [Q1 Q2]; [specialize (Lo w); lra|].
    rewrite Rabs_pos_eq by exact Q1. eapply Rle_trans; [exact Q2|].
    apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [exact HL|apply Lo].
  - intros i s t Hi. eapply Rle_trans; [apply (potential_apart r _ _ (length_of r C) Hr); auto|].
    rewrite Rmult_assoc. apply Rmult_le_compat_l; [|apply HC; assumption].
    apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; exact HL.
Qed.

(** The mean potential falls by the same factor with each number. *)
Lemma mean_potential m r d n C : 0 < r -> 0 < d -> (forall i, spread d r (m i)) ->
  piecewise r C -> 0 < length_of r C ->
  PE 0 m n (fun w => potential r (cover r n C w)) <= (1 - r * d) ^ n * potential r C.
Proof.
  intros Hr Hd HS. assert (Hm : forall i f, tame f -> dom (m i) f) by (intros i; apply HS).
  assert (Q0 : 0 <= 1 - r * d) by (pose proof (spread_small d r (m O) Hr (HS O)); lra).
  revert C. induction n as [|n IH]; intros C P HL; [simpl; lra|].
  set (h := fun t => PE 0 m n (fun w => potential r (cover r n (next r C t) w))).
  assert (Eh : (fun t => PE 0 m n (fun w => potential r (cover r (S n) C (upd w n t)))) = h).
  { extensionality t. unfold h. f_equal. extensionality w. simpl. rewrite cover_upd by lia.
    unfold upd at 1. rewrite Nat.eqb_refl. reflexivity. }
  change (E (m n) (fun t => PE 0 m n (fun w => potential r (cover r (S n) C (upd w n t)))) <=
    (1 - r * d) ^ S n * potential r C).
  assert (Th : tame h).
  { rewrite <- Eh. apply (tame_slices m n (fun w => potential r (cover r (S n) C w)));
      [apply iterated_is_mean, Hm|apply tame_in_cover; assumption]. }
  rewrite Eh. pose proof (tame_potential r C Hr P HL) as Tp.
  apply Rle_trans with (E (m n) (fun t => (1 - r * d) ^ n * potential r (next r C t))).
  - apply E_le; [apply Hm, Th|apply dom_scal, Hm, Tp|]. intros t. apply IH; [apply piecewise_next, P|].
    pose proof (proj1 (length_next_bounds r C t Hr P)). lra.
  - rewrite (E_scal (m n) ((1 - r * d) ^ n) (fun t => potential r (next r C t))) by (apply Hm, Tp).
    destruct (subset_sum_step (m n) r d C Hr Hd (HS n) P HL) as (_ & _ & _ & St).
    replace (1 - 2 * r * d / 2) with (1 - r * d) in St by field.
    rewrite <- tech_pow_Rmult, (Rmult_comm (1 - r * d)), Rmult_assoc.
    apply Rmult_le_compat_l; [apply pow_le, Q0|exact St].
Qed.

(** ** Every weight is met *)

(** The sum of those of [n] numbers that [b] keeps. *)
Definition kept_sum (n : nat) (x : nat -> R) (b : nat -> bool) : R :=
  sum n (fun i => if b i then x i else 0).

Lemma cover_sums r n C x z : cover r n C x z -> exists b, C (z - kept_sum n x b).
Proof.
  revert C. induction n as [|n IH]; intros C H.
  - exists (fun _ => true). unfold kept_sum. simpl. rewrite Rminus_0_r. exact H.
  - simpl in H. apply IH in H. destruct H as (b & [H|[_ H]]).
    + exists (fun i => if Nat.eqb i n then false else b i). unfold kept_sum. rewrite sum_S, Nat.eqb_refl.
      rewrite Rplus_0_r, (sum_ext n _ (fun i => if b i then x i else 0)); [exact H|].
      intros i Hi. destruct (Nat.eqb_spec i n); [lia|reflexivity].
    + exists (fun i => if Nat.eqb i n then true else b i). unfold kept_sum. rewrite sum_S, Nat.eqb_refl.
      rewrite (sum_ext n _ (fun i => if b i then x i else 0)).
      * replace (z - (sum n (fun i => if b i then x i else 0) + x n)) with
          (z - kept_sum n x b - x n) by (unfold kept_sum; ring). exact H.
      * intros i Hi. destruct (Nat.eqb_spec i n); [lia|reflexivity].
Qed.

(** A gap of [tau] on one side of [w] keeps the potential up. *)
Lemma gap_potential r tau w C : 0 < tau <= r -> - r <= w <= r -> piecewise r C -> 0 < length_of r C ->
  (forall z, w - tau <= z <= w + tau -> ~ C z) -> 1 <= (2 * r / tau - 1) * potential r C.
Proof.
  intros Ht Hw P HL HN. assert (Hr : 0 < r) by lra.
  assert (G : length_of r C <= 2 * r - tau).
  { assert (exists a, - r <= a /\ a + tau <= r /\ w - tau <= a <= w) as (a & A1 & A2 & A3).
    { destruct (Rle_dec w 0); [exists w|exists (w - tau)]; lra. }
    assert (I : interval a (a + tau) (fun z => a <= z <= a + tau)) by (split; intros; lra).
    assert (V : RInt (fun z => ind (a <= z <= a + tau)) (- r) r = tau).
    { rewrite (RInt_inside r a (a + tau) _ ltac:(lra) ltac:(lra) I). real_eq. ring. }
    assert (Q : RInt (fun z => ind (C z) + ind (a <= z <= a + tau)) (- r) r <= RInt (fun _ => 1) (- r) r).
    { apply RInt_step_le; [lra| |apply step_one|].
      - apply step_plus; [apply P|apply step_between].
      - intros z _. destruct (classic (a <= z <= a + tau)) as [K|K].
        + rewrite (ind_false (C z)) by (apply HN; lra). pose proof (ind_le_1 (a <= z <= a + tau)). lra.
        + rewrite (ind_false (a <= z <= a + tau) K). pose proof (ind_le_1 (C z)). lra. }
    rewrite RInt_step_plus, V, RInt_one in Q by (lra || apply P || apply step_between).
    unfold length_of. lra. }
  rewrite potential_form by assumption. set (l := length_of r C) in *.
  apply Rmult_le_reg_r with (tau * l); [apply Rmult_lt_0_compat; lra|].
  replace ((2 * r / tau - 1) * (2 * r / l - 1) * (tau * l)) with ((2 * r - tau) * (2 * r - l))
    by (field; lra). rewrite Rmult_1_l, (Rmult_comm tau). apply Rmult_le_compat; lra.
Qed.

Lemma start_piecewise r eta : 0 < eta <= r -> piecewise r (fun z => - eta <= z <= eta) /\
  length_of r (fun z => - eta <= z <= eta) = 2 * eta.
Proof.
  intros H. split; [split; [apply step_between|intros; lra]|]. unfold length_of.
  assert (I : interval (- eta) eta (fun z => - eta <= z <= eta)) by (split; intros; lra).
  rewrite (RInt_inside r (- eta) eta _ ltac:(lra) ltac:(lra) I). real_eq. ring.
Qed.

(** [subset-sum-count] (whole): of any number of laws, each with its density; the book's R is [r]. That
    an event has at most probability [delta] is what [at_most] says. *)
Theorem subset_sum_count (m : nat -> mean R) r d epsilon delta n :
  0 < d -> (forall i, spread d r (m i)) -> 0 < epsilon < r -> 0 < delta < 1 ->
  let kappa := 2 * r * d in
  INR n >= ln (/ delta * ((2 * r / epsilon - 1) * (4 * r / epsilon - 1))) / ln (/ (1 - kappa / 2)) ->
  at_most m n (fun x => exists w, - r <= w <= r /\
    forall b, epsilon < Rabs (w - kept_sum n x b)) delta.
Proof.
  intros Hd HS He Hdl kappa Hn. assert (Hr : 0 < r) by lra. set (h := epsilon / 2).
  assert (Hh : 0 < h <= r) by (unfold h; lra). destruct (start_piecewise r h Hh) as [P0 L0].
  set (C0 := fun z => - h <= z <= h) in *. assert (L1 : 0 < length_of r C0) by lra.
  assert (Hm : forall i f, tame f -> dom (m i) f) by (intros i; apply HS).
  assert (Q : 3 / 4 <= 1 - r * d < 1).
  { pose proof (spread_small d r (m O) Hr (HS O)).
    assert (0 < r * d) by (apply Rmult_lt_0_compat; lra). lra. }
  assert (X1 : 1 < 2 * r / epsilon)
    by (apply Rmult_lt_reg_r with epsilon; [lra|]; unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra).
  set (a := 2 * r / h - 1). assert (Ea : a = 4 * r / epsilon - 1) by (unfold a, h; field; lra).
  assert (X2 : 4 * r / epsilon = 2 * (2 * r / epsilon)) by (field; lra).
  exists (fun x => a * potential r (cover r n C0 x) + 0 * 1).
  pose proof (tame_in_cover r n C0 Hr P0 L1) as T.
  assert (Lc : forall x, 0 < length_of r (cover r n C0 x))
    by (intros x; pose proof (length_cover r n C0 x Hr P0); lra).
  split; [|split; [|split]].
  - apply (tame_in_lin n a 0 (fun x => potential r (cover r n C0 x)) (fun _ => 1));
      [exact T|apply tame_in_const].
  - intros x. pose proof (potential_bounds r _ Hr (cover_piecewise r n C0 x P0) (Lc x)). nra.
  - intros x (w & Hw & HN). rewrite Rmult_0_l, Rplus_0_r.
    apply gap_potential with (w := w); [exact Hh|exact Hw|apply cover_piecewise, P0|apply Lc|].
    intros z Hz HC. apply cover_sums in HC. destruct HC as (b & Hb). unfold C0 in Hb.
    specialize (HN b). assert (Rabs (w - kept_sum n x b) <= epsilon); [|lra].
    apply Rabs_le. unfold h in *. lra.
  - destruct (iterated_is_mean m Hm n) as (IC & IL & _).
    rewrite (IL a 0 (fun x => potential r (cover r n C0 x)) (fun _ => 1)), IC
      by (exact T || apply tame_in_const).
    pose proof (mean_potential m r d n C0 Hr Hd HS P0 L1) as M.
    rewrite potential_form, L0 in M by assumption.
    replace (2 * r / (2 * h) - 1) with (2 * r / epsilon - 1) in M by (unfold h; field; lra).
    set (p := (2 * r / epsilon - 1) * (4 * r / epsilon - 1)) in *.
    assert (P : 0 < p) by (apply Rmult_lt_0_compat; lra).
    assert (F : (1 - r * d) ^ n * p <= delta).
    { replace (1 - kappa / 2) with (1 - r * d) in Hn by (unfold kappa; field).
      set (q := 1 - r * d) in *. assert (LQ : 0 < ln (/ q)).
      { rewrite <- ln_1. apply ln_increasing; [lra|]. rewrite <- Rinv_1. apply Rinv_lt_contravar; lra. }
      assert (H : ln (/ delta * p) <= INR n * ln (/ q)).
      { apply Rge_le in Hn. apply Rmult_le_compat_r with (r := ln (/ q)) in Hn; [|lra].
        unfold Rdiv in Hn. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Hn by lra. exact Hn. }
      assert (D : 0 < / delta * p) by (apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat|]; lra).
      assert (K : / delta * p <= (/ q) ^ n).
      { rewrite <- (exp_ln (/ delta * p)) by exact D. rewrite <- (exp_ln ((/ q) ^ n))
          by (apply pow_lt, Rinv_0_lt_compat; lra).
        apply exp_le. rewrite ln_pow by (apply Rinv_0_lt_compat; lra). exact H. }
      assert (U : q ^ n * (/ q) ^ n = 1) by (rewrite <- Rpow_mult_distr, Rinv_r, pow1 by lra; reflexivity).
      assert (PQ : 0 < q ^ n) by (apply pow_lt; lra).
      assert (Y : q ^ n * (/ delta * p) <= 1) by (rewrite <- U; apply Rmult_le_compat_l; lra).
      apply Rmult_le_reg_l with (/ delta); [apply Rinv_0_lt_compat; lra|]. rewrite Rinv_l by lra.
      eapply Rle_trans; [|exact Y]. right. ring. }
    apply Rle_trans with ((1 - r * d) ^ n * p); [|exact F].
    assert (A0 : 0 < a) by lra. pose proof (Rmult_le_compat_l a _ _ (Rlt_le _ _ A0) M) as Z.
    eapply Rle_trans; [|eapply Rle_trans; [exact Z|]]; [right; ring|].
    right. unfold p. rewrite Ea. ring.
Qed.

(** ** Nothing of this is empty: a uniform number between [- 2 r] and [2 r] *)

Lemma tame_continuous (f : R -> R) (t : R) : tame f -> continuous f t.
Proof.
  intros (B & K & H). apply continuity_pt_filterlim. intros e He.
  assert (K0 : 0 <= K).
  { destruct (H 1 0) as [_ Q]. rewrite Rminus_0_r, Rabs_R1 in Q.
    pose proof (Rabs_pos (f 1 - f 0)). lra. }
  exists (e / (K + 1)). split; [apply Rdiv_lt_0_compat; lra|]. intros s [_ D]. simpl in *.
  unfold R_dist in *. eapply Rle_lt_trans; [apply H|].
  apply Rle_lt_trans with (K * (e / (K + 1))); [apply Rmult_le_compat_l; lra|].
  replace (K * (e / (K + 1))) with (e - e / (K + 1)) by (field; lra).
  assert (0 < e / (K + 1)) by (apply Rdiv_lt_0_compat; lra). lra.
Qed.

Lemma ex_RInt_everywhere (f : R -> R) p q : (forall t, continuous f t) -> ex_RInt f p q.
Proof. intros H. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). auto. Qed.

Definition uniform_between (r : R) (Hr : 0 < r) : mean R.
Proof.
  refine {| E := fun f => / (4 * r) * RInt f (- (2 * r)) (2 * r);
            dom := fun f => forall t, continuous f t |}.
  - intros t. apply continuous_const.
  - intros a b f g Hf Hg t. apply (continuous_plus (fun t => a * f t) (fun t => b * g t));
      [apply (continuous_scal_r a f)|apply (continuous_scal_r b g)]; auto.
  - intros f g Hf Hg t. apply (continuous_mult f g); auto.
  - rewrite RInt_one. field. lra.
  - intros a b f g Hf Hg.
    rewrite RInt_lin by (apply ex_RInt_everywhere; assumption). ring.
  - intros f Hf H. apply Rmult_le_pos; [left; apply Rinv_0_lt_compat; lra|].
    apply RInt_ge_0; [lra|apply ex_RInt_everywhere, Hf|auto].
Defined.

Lemma uniform_spread r (Hr : 0 < r) : spread (/ (4 * r)) r (uniform_between r Hr).
Proof.
  split; [intros f H t; apply tame_continuous, H|]. intros f _ _. apply Rle_refl.
Qed.
