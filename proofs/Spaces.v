(** * Product spaces

    A mean is what an expectation is: linear and positive, on an algebra of functions. Its events are
    the sets whose indicators are in that algebra. From a mean of each coordinate comes the mean of
    independent coordinates, an iterated integral; its functions are the finite sums of products
    of functions of one coordinate each. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical ClassicalEpsilon FunctionalExtensionality.
From GoldenTickets Require Import Sums Probability.
Open Scope R_scope.

Record mean (T : Type) := {
  E : (T -> R) -> R;
  dom : (T -> R) -> Prop;
  dom_one : dom (fun _ => 1);
  dom_lin : forall a b f g, dom f -> dom g -> dom (fun t => a * f t + b * g t);
  dom_mult : forall f g, dom f -> dom g -> dom (fun t => f t * g t);
  E_one : E (fun _ => 1) = 1;
  E_lin : forall a b f g, dom f -> dom g -> E (fun t => a * f t + b * g t) = a * E f + b * E g;
  E_pos : forall f, dom f -> (forall t, 0 <= f t) -> 0 <= E f }.
Arguments E {T}. Arguments dom {T}. Arguments dom_one {T}. Arguments dom_lin {T}.
Arguments dom_mult {T}. Arguments E_one {T}. Arguments E_lin {T}. Arguments E_pos {T}.

Lemma dom_scal {T} (m : mean T) a f : dom m f -> dom m (fun t => a * f t).
Proof.
  intros H. replace (fun t => a * f t) with (fun t => a * f t + 0 * f t)
    by (extensionality t; ring). apply dom_lin; exact H.
Qed.

Lemma E_scal {T} (m : mean T) a f : dom m f -> E m (fun t => a * f t) = a * E m f.
Proof.
  intros H. transitivity (E m (fun t => a * f t + 0 * f t)); [f_equal; extensionality t; ring|].
  rewrite E_lin by exact H. ring.
Qed.

(** ** Indicators *)

Definition ind (A : Prop) : R := if excluded_middle_informative A then 1 else 0.

Lemma ind_true (A : Prop) : A -> ind A = 1.
Proof. unfold ind. destruct (excluded_middle_informative A); tauto. Qed.

Lemma ind_false (A : Prop) : ~ A -> ind A = 0.
Proof. unfold ind. destruct (excluded_middle_informative A); tauto. Qed.

Lemma ind_iff (A B : Prop) : (A <-> B) -> ind A = ind B.
Proof.
  unfold ind. destruct (excluded_middle_informative A), (excluded_middle_informative B); tauto.
Qed.

Lemma ind_and A B : ind (A /\ B) = ind A * ind B.
Proof.
  unfold ind. destruct (excluded_middle_informative A), (excluded_middle_informative B),
    (excluded_middle_informative (A /\ B)); try lra; tauto.
Qed.

Lemma ind_not A : ind (~ A) = 1 * 1 + -1 * ind A.
Proof.
  unfold ind. destruct (excluded_middle_informative A), (excluded_middle_informative (~ A));
    try lra; tauto.
Qed.

Lemma ind_or A B : ind (A \/ B) = 1 * (1 * ind A + 1 * ind B) + -1 * (ind A * ind B).
Proof.
  unfold ind. destruct (excluded_middle_informative A), (excluded_middle_informative B),
    (excluded_middle_informative (A \/ B)); try lra; tauto.
Qed.

Lemma ind_pos A : 0 <= ind A.
Proof. unfold ind. destruct (excluded_middle_informative A); lra. Qed.

(** The probability of a mean. *)
Definition prob {T} (m : mean T) : probability T.
Proof.
  refine {| ev := fun A => dom m (fun t => ind (A t)); Pr := fun A => E m (fun t => ind (A t)) |}.
  - intros A B H HA. replace (fun t => ind (B t)) with (fun t => ind (A t)); [exact HA|].
    extensionality t. apply ind_iff, H.
  - intros A B H. f_equal. extensionality t. apply ind_iff, H.
  - intros A HA. replace (fun t => ind (~ A t)) with (fun t => 1 * 1 + -1 * ind (A t))
      by (extensionality t; now rewrite ind_not).
    apply (dom_lin m 1 (-1) (fun _ => 1)); [apply dom_one|exact HA].
  - intros A B HA HB.
    replace (fun t => ind (A t \/ B t)) with
      (fun t => 1 * (1 * ind (A t) + 1 * ind (B t)) + -1 * (ind (A t) * ind (B t)))
      by (extensionality t; now rewrite ind_or).
    apply (dom_lin m 1 (-1) (fun t => 1 * ind (A t) + 1 * ind (B t)));
      [apply dom_lin; assumption|apply dom_mult; assumption].
  - replace (fun _ : T => ind True) with (fun _ : T => 1); [apply dom_one|].
    extensionality t. symmetry. apply ind_true. exact I.
  - rewrite <- (E_one m). f_equal. extensionality t. apply ind_true. exact I.
  - intros A HA. apply E_pos; [exact HA|intros; apply ind_pos].
  - intros A B HA HB H.
    rewrite <- (Rmult_1_l (E m (fun t => ind (A t)))), <- (Rmult_1_l (E m (fun t => ind (B t)))).
    rewrite <- E_lin by assumption. f_equal. extensionality t.
    rewrite ind_or, <- ind_and, (ind_false (A t /\ B t)); [ring|]. specialize (H t). tauto.
Defined.

(** ** Independent coordinates *)

Lemma prod_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> prod n f = prod n g.
Proof. induction n as [|n IH]; simpl; intros H; [reflexivity|]. rewrite IH, H; auto. Qed.

Lemma prod_one n f : (forall i, (i < n)%nat -> f i = 1) -> prod n f = 1.
Proof. induction n as [|n IH]; simpl; intros H; [reflexivity|]. rewrite IH, H; auto. ring. Qed.

Lemma prod_mult n f g : prod n (fun i => f i * g i) = prod n f * prod n g.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma prod_pick n i f : (i < n)%nat -> prod n (fun j => if Nat.eqb i j then f j else 1) = f i.
Proof.
  induction n as [|n IH]; intros H; [lia|]. simpl. destruct (Nat.eq_dec i n) as [->|Hn].
  - rewrite Nat.eqb_refl, prod_one; [ring|].
    intros j Hj. destruct (Nat.eqb_spec n j); [lia|reflexivity].
  - rewrite IH by lia. destruct (Nat.eqb_spec i n); [lia|ring].
Qed.

Definition upd {T} (w : nat -> T) (r : nat) (t : T) : nat -> T :=
  fun q => if Nat.eqb q r then t else w q.

Section Power.
Context {T : Type} (t0 : T) (m : nat -> mean T).

(** The iterated integral over the coordinates [0], ..., [C - 1]; the others are [t0]. *)
Fixpoint PE (C : nat) (f : (nat -> T) -> R) : R :=
  match C with
  | O => f (fun _ => t0)
  | S C => E (m C) (fun t => PE C (fun w => f (upd w C t)))
  end.

(** Sums of products of functions of one coordinate. *)
Inductive cylinder (C : nat) : ((nat -> T) -> R) -> Prop :=
  | cylinder_prod : forall h, (forall r, (r < C)%nat -> dom (m r) (h r)) ->
      cylinder C (fun w => prod C (fun r => h r (w r)))
  | cylinder_lin : forall a b f g, cylinder C f -> cylinder C g ->
      cylinder C (fun w => a * f w + b * g w).

Lemma cylinder_one C : cylinder C (fun _ => 1).
Proof.
  replace (fun _ : nat -> T => 1) with (fun w : nat -> T => prod C (fun r => (fun _ _ => 1) r (w r))).
  - apply (cylinder_prod C (fun _ _ => 1)). intros r _. apply dom_one.
  - extensionality w. apply prod_one. reflexivity.
Qed.

Lemma cylinder_mult C f g : cylinder C f -> cylinder C g -> cylinder C (fun w => f w * g w).
Proof.
  intros Hf Hg. induction Hf as [h Hh|a b f1 f2 _ I1 _ I2].
  - induction Hg as [h' Hh'|a b g1 g2 _ I1 _ I2].
    + replace (fun w : nat -> T => prod C (fun r => h r (w r)) * prod C (fun r => h' r (w r)))
        with (fun w : nat -> T => prod C (fun r => (fun r t => h r t * h' r t) r (w r)))
        by (extensionality w; apply prod_mult).
      apply (cylinder_prod C (fun r t => h r t * h' r t)). intros r Hr. apply dom_mult; auto.
    + replace (fun w : nat -> T => prod C (fun r => h r (w r)) * (a * g1 w + b * g2 w))
        with (fun w : nat -> T => a * (prod C (fun r => h r (w r)) * g1 w) +
                       b * (prod C (fun r => h r (w r)) * g2 w)) by (extensionality w; ring).
      apply cylinder_lin; assumption.
  - replace (fun w : nat -> T => (a * f1 w + b * f2 w) * g w)
      with (fun w : nat -> T => a * (f1 w * g w) + b * (f2 w * g w)) by (extensionality w; ring).
    apply cylinder_lin; assumption.
Qed.

(** The last coordinate of a product comes out as a factor. *)
Lemma prod_upd C (h : nat -> T -> R) w t :
  prod (S C) (fun r => h r (upd w C t r)) =
  h C t * prod C (fun r => h r (w r)) + 0 * prod C (fun r => h r (w r)).
Proof.
  simpl. unfold upd at 2. rewrite Nat.eqb_refl. rewrite (prod_ext C _ (fun r => h r (w r))); [ring|].
  intros r Hr. unfold upd. destruct (Nat.eqb_spec r C); [lia|reflexivity].
Qed.

Lemma cylinder_slice C f t : cylinder (S C) f -> cylinder C (fun w => f (upd w C t)).
Proof.
  intros Hf. induction Hf as [h Hh|a b f1 f2 _ I1 _ I2].
  - replace (fun w : nat -> T => prod (S C) (fun r => h r (upd w C t r))) with
      (fun w : nat -> T => h C t * prod C (fun r => h r (w r)) + 0 * prod C (fun r => h r (w r)))
      by (extensionality w; now rewrite prod_upd).
    apply cylinder_lin; apply cylinder_prod; auto.
  - apply (cylinder_lin C a b (fun w => f1 (upd w C t))); assumption.
Qed.

Definition PE_linear C := forall a b f g, cylinder C f -> cylinder C g ->
  PE C (fun w => a * f w + b * g w) = a * PE C f + b * PE C g.

(** Integrating the first [C] coordinates leaves a function of the next one. *)
Lemma dom_slice C f : PE_linear C -> cylinder (S C) f ->
  dom (m C) (fun t => PE C (fun w => f (upd w C t))).
Proof.
  intros L Hf. induction Hf as [h Hh|a b f1 f2 H1 I1 H2 I2].
  - assert (Hp : cylinder C (fun w => prod C (fun r => h r (w r)))) by (apply cylinder_prod; auto).
    replace (fun t => PE C (fun w => prod (S C) (fun r => h r (upd w C t r)))) with
      (fun t => PE C (fun w => prod C (fun r => h r (w r))) * h C t).
    + apply dom_scal. auto.
    + extensionality t. transitivity (PE C (fun w => h C t * prod C (fun r => h r (w r)) +
        0 * prod C (fun r => h r (w r)))).
      * rewrite L by exact Hp. ring.
      * f_equal. extensionality w. now rewrite prod_upd.
  - replace (fun t => PE C (fun w => a * f1 (upd w C t) + b * f2 (upd w C t))) with
      (fun t => a * PE C (fun w => f1 (upd w C t)) + b * PE C (fun w => f2 (upd w C t))).
    + apply dom_lin; assumption.
    + extensionality t. symmetry. apply (L a b (fun w => f1 (upd w C t)) (fun w => f2 (upd w C t)));
        apply cylinder_slice; assumption.
Qed.

Lemma PE_lin C : PE_linear C.
Proof.
  induction C as [|C L]; intros a b f g Hf Hg; [reflexivity|]. simpl.
  rewrite <- E_lin by (apply dom_slice; assumption). f_equal. extensionality t.
  apply (L a b (fun w => f (upd w C t)) (fun w => g (upd w C t))); apply cylinder_slice; assumption.
Qed.

Lemma PE_one C : PE C (fun _ => 1) = 1.
Proof.
  induction C as [|C IH]; simpl; [reflexivity|]. rewrite IH. apply E_one.
Qed.

Lemma PE_pos C : forall f, cylinder C f -> (forall w, 0 <= f w) -> 0 <= PE C f.
Proof.
  induction C as [|C IH]; intros f Hf H; simpl; [apply H|].
  apply E_pos; [apply dom_slice; [apply PE_lin|exact Hf]|].
  intros t. apply IH; [apply cylinder_slice, Hf|auto].
Qed.

(** Coordinates [0], ..., [C - 1], independent, each with its own mean. *)
Definition power (C : nat) : mean (nat -> T) :=
  {| E := PE C; dom := cylinder C; dom_one := cylinder_one C; dom_lin := cylinder_lin C;
     dom_mult := cylinder_mult C; E_one := PE_one C; E_lin := PE_lin C; E_pos := PE_pos C |}.

(** The mean of a product over the coordinates is the product of the means. *)
Lemma PE_prod C (h : nat -> T -> R) : (forall r, (r < C)%nat -> dom (m r) (h r)) ->
  PE C (fun w => prod C (fun r => h r (w r))) = prod C (fun r => E (m r) (h r)).
Proof.
  induction C as [|C IH]; intros H; [reflexivity|].
  assert (Hp : cylinder C (fun w => prod C (fun r => h r (w r)))) by (apply cylinder_prod; auto).
  cbn [PE prod]. rewrite <- IH, <- E_scal by auto. f_equal. extensionality t.
  transitivity (PE C (fun w => h C t * prod C (fun r => h r (w r)) +
    0 * prod C (fun r => h r (w r)))).
  - f_equal. extensionality w. apply prod_upd.
  - rewrite PE_lin by exact Hp. ring.
Qed.

Definition only (r : nat) (f : T -> R) (q : nat) : T -> R := if Nat.eqb r q then f else fun _ => 1.

Lemma dom_only r f q : dom (m r) f -> dom (m q) (only r f q).
Proof.
  intros H. unfold only. destruct (Nat.eqb_spec r q); [subst; exact H|apply dom_one].
Qed.

Lemma prod_only C r f (w : nat -> T) : (r < C)%nat -> prod C (fun q => only r f q (w q)) = f (w r).
Proof.
  intros H. rewrite <- (prod_pick C r (fun q => f (w q))) by exact H. apply prod_ext. intros q _.
  unfold only. destruct (Nat.eqb r q); reflexivity.
Qed.

(** One coordinate. *)
Lemma coordinate C r f : (r < C)%nat -> dom (m r) f ->
  dom (power C) (fun w => f (w r)) /\ E (power C) (fun w => f (w r)) = E (m r) f.
Proof.
  intros Hr H.
  replace (fun w : nat -> T => f (w r)) with (fun w : nat -> T => prod C (fun q => only r f q (w q)))
    by (extensionality w; apply prod_only, Hr).
  split.
  - apply (cylinder_prod C (only r f)). intros q _. apply dom_only, H.
  - etransitivity; [apply (PE_prod C (only r f)); intros; apply dom_only, H|].
    rewrite <- (prod_pick C r (fun q => E (m q) f)) by exact Hr. apply prod_ext. intros q _.
    unfold only. destruct (Nat.eqb r q); [reflexivity|apply E_one].
Qed.

Lemma ev_coordinate C r (A : T -> Prop) : (r < C)%nat -> ev (prob (m r)) A ->
  ev (prob (power C)) (fun w => A (w r)) /\
  Pr (prob (power C)) (fun w => A (w r)) = Pr (prob (m r)) A.
Proof. intros Hr H. apply (coordinate C r (fun t => ind (A t)) Hr H). Qed.

(** Three different coordinates. *)
Lemma three_coordinates C r1 r2 r3 (A1 A2 A3 : T -> Prop) :
  (r1 < C)%nat -> (r2 < C)%nat -> (r3 < C)%nat -> r1 <> r2 -> r1 <> r3 -> r2 <> r3 ->
  ev (prob (m r1)) A1 -> ev (prob (m r2)) A2 -> ev (prob (m r3)) A3 ->
  Pr (prob (power C)) (fun w => A1 (w r1) /\ A2 (w r2) /\ A3 (w r3)) =
  Pr (prob (m r1)) A1 * (Pr (prob (m r2)) A2 * Pr (prob (m r3)) A3).
Proof.
  intros H1 H2 H3 N12 N13 N23 D1 D2 D3.
  set (f1 := fun t => ind (A1 t)). set (f2 := fun t => ind (A2 t)). set (f3 := fun t => ind (A3 t)).
  set (h := fun q t => only r1 f1 q t * (only r2 f2 q t * only r3 f3 q t)).
  transitivity (PE C (fun w => prod C (fun q => h q (w q)))).
  - simpl. f_equal. extensionality w. unfold h. rewrite !prod_mult, !prod_only, !ind_and by assumption.
    reflexivity.
  - rewrite PE_prod.
    + simpl. fold f1 f2 f3. transitivity (prod C (fun q => (if Nat.eqb r1 q then E (m q) f1 else 1) *
        ((if Nat.eqb r2 q then E (m q) f2 else 1) * (if Nat.eqb r3 q then E (m q) f3 else 1)))).
      * apply prod_ext. intros q _. unfold h, only.
        destruct (Nat.eqb_spec r1 q), (Nat.eqb_spec r2 q), (Nat.eqb_spec r3 q); subst; try tauto;
          rewrite ?Rmult_1_l, ?Rmult_1_r; try (f_equal; extensionality t; ring).
        transitivity (E (m q) (fun _ => 1)); [f_equal; extensionality t; ring|apply E_one].
      * rewrite !prod_mult, (prod_pick C r1 (fun q => E (m q) f1)),
          (prod_pick C r2 (fun q => E (m q) f2)), (prod_pick C r3 (fun q => E (m q) f3)) by assumption.
        reflexivity.
    + intros q _. unfold h. apply dom_mult; [|apply dom_mult]; apply dom_only; assumption.
Qed.

(** Two of them. *)
Lemma two_coordinates C r1 r2 (A1 A2 : T -> Prop) : (r1 < C)%nat -> (r2 < C)%nat -> r1 <> r2 ->
  ev (prob (m r1)) A1 -> ev (prob (m r2)) A2 ->
  ev (prob (power C)) (fun w => A1 (w r1) /\ A2 (w r2)) /\
  Pr (prob (power C)) (fun w => A1 (w r1) /\ A2 (w r2)) =
  Pr (prob (m r1)) A1 * Pr (prob (m r2)) A2.
Proof.
  intros H1 H2 N D1 D2. split.
  - apply ev_and; [apply (ev_coordinate C r1 A1)|apply (ev_coordinate C r2 A2)]; assumption.
  - set (f1 := fun t => ind (A1 t)). set (f2 := fun t => ind (A2 t)).
    set (h := fun q t => only r1 f1 q t * only r2 f2 q t).
    transitivity (PE C (fun w => prod C (fun q => h q (w q)))).
    + simpl. f_equal. extensionality w. unfold h.
      rewrite !prod_mult, !prod_only, !ind_and by assumption. reflexivity.
    + rewrite PE_prod by (intros q _; apply dom_mult; apply dom_only; assumption).
      simpl. fold f1 f2. transitivity (prod C (fun q => (if Nat.eqb r1 q then E (m q) f1 else 1) *
        (if Nat.eqb r2 q then E (m q) f2 else 1))).
      * apply prod_ext. intros q _. unfold h, only.
        destruct (Nat.eqb_spec r1 q), (Nat.eqb_spec r2 q); subst; try tauto;
          rewrite ?Rmult_1_l, ?Rmult_1_r; try (f_equal; extensionality t; ring).
        transitivity (E (m q) (fun _ => 1)); [f_equal; extensionality t; ring|apply E_one].
      * rewrite prod_mult, (prod_pick C r1 (fun q => E (m q) f1)),
          (prod_pick C r2 (fun q => E (m q) f2)) by assumption. reflexivity.
Qed.

Lemma ind_all n (A : nat -> Prop) : ind (forall s, (s < n)%nat -> A s) = prod n (fun s => ind (A s)).
Proof.
  induction n as [|n IH]; simpl; [apply ind_true; intros; lia|].
  rewrite <- IH, <- ind_and. apply ind_iff. split.
  - intros H. split; auto.
  - intros [H1 H2] s Hs. destruct (Nat.eq_dec s n) as [->|]; [exact H2|apply H1; lia].
Qed.

(** Events of different coordinates are independent. *)
Lemma power_independent C (A : nat -> T -> Prop) : (forall s, (s < C)%nat -> ev (prob (m s)) (A s)) ->
  independent_misses (prob (power C)) C (fun s w => A s (w s)).
Proof.
  intros HA. assert (HN : forall s, (s < C)%nat -> dom (m s) (fun t => ind (~ A s t)))
    by (intros s Hs; apply (ev_not _ (prob (m s))), HA, Hs).
  unfold independent_misses. simpl.
  transitivity (PE C (fun w => prod C (fun s => (fun s t => ind (~ A s t)) s (w s)))).
  - f_equal. extensionality w. apply ind_all.
  - rewrite (PE_prod C (fun s t => ind (~ A s t))) by exact HN. apply prod_ext. intros s Hs.
    symmetry. apply (coordinate C s (fun t => ind (~ A s t)) Hs (HN s Hs)).
Qed.
End Power.
