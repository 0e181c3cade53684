(** * Subset sums in a network (chapter _subset_sum_)

    A neuron is a random element of any type, and its weights are functions of it: so they may depend
    on each other. Different neurons are independent. *)

From Coq Require Import Reals Lra Psatz Lia Arith Bool Classical ClassicalEpsilon
  FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Malach Probability Network Budget Spaces Hyperbolic Ticket
  Main_theorem Subset_sum.
Open Scope R_scope.

(** The law of a number that depends on an outcome. *)
Definition law_of {T} (m : mean T) (X : T -> R) : mean R.
Proof.
  refine {| E := fun f => E m (fun z => f (X z)); dom := fun f => dom m (fun z => f (X z)) |}.
  - apply dom_one.
  - intros a b f g. apply (dom_lin m a b (fun z => f (X z)) (fun z => g (X z))).
  - intros f g. apply (dom_mult m (fun z => f (X z)) (fun z => g (X z))).
  - apply E_one.
  - intros a b f g. apply (E_lin m a b (fun z => f (X z)) (fun z => g (X z))).
  - intros f Hf H. apply E_pos; [exact Hf|]. auto.
Defined.

(** How many numbers [subset_sum_count] asks for; κ = 2 r d. *)
Definition numbers_for (r d epsilon delta : R) : R :=
  ln (/ delta * ((2 * r / epsilon - 1) * (4 * r / epsilon - 1))) / ln (/ (1 - 2 * r * d / 2)).

(** ** Independent neurons *)

Section Neurons.
Context {T : Type} (z0 : T) (neuron : mean T).

(** The mean over the neurons [0], ..., [C - 1], as an iterated integral. *)
Definition mean_of (C : nat) (f : (nat -> T) -> R) : R := PE z0 (fun _ => neuron) C f.

(** All integrals of the iterated one exist. *)
Fixpoint integrable (C : nat) (f : (nat -> T) -> R) : Prop :=
  match C with
  | O => True
  | S C => (forall z, integrable C (fun w => f (upd w C z))) /\
           dom neuron (fun z => mean_of C (fun w => f (upd w C z)))
  end.

(** An event of [C] neurons has at most probability [delta], as in [at_most]. *)
Definition unlikely (C : nat) (A : (nat -> T) -> Prop) (delta : R) : Prop :=
  exists g, integrable C g /\ (forall w, 0 <= g w) /\ (forall w, A w -> 1 <= g w) /\
  mean_of C g <= delta.

Lemma mean_of_const C c : integrable C (fun _ => c) /\ mean_of C (fun _ => c) = c.
Proof.
  induction C as [|C [I V]]; [split; [exact Logic.I|reflexivity]|].
  unfold mean_of in *. simpl. rewrite V. fold (mean_of C). split; [split; [intros; exact I|]|].
  - unfold mean_of. rewrite V. replace (fun _ : T => c) with (fun _ : T => c * 1)
      by (extensionality z; ring). apply (dom_scal neuron c (fun _ => 1)), dom_one.
  - transitivity (E neuron (fun _ => c * 1)); [f_equal; extensionality z; ring|].
    rewrite (E_scal neuron c (fun _ => 1)), E_one by apply dom_one. ring.
Qed.

Lemma mean_of_lin C a b f g : integrable C f -> integrable C g ->
  integrable C (fun w => a * f w + b * g w) /\
  mean_of C (fun w => a * f w + b * g w) = a * mean_of C f + b * mean_of C g.
Proof.
  revert f g. induction C as [|C IH]; intros f g Hf Hg; [split; [exact I|reflexivity]|].
  destruct Hf as [Sf Df], Hg as [Sg Dg].
  pose proof (fun z => IH _ _ (Sf z) (Sg z)) as Q. cbv beta in Q.
  assert (Eq : (fun z => mean_of C (fun w => a * f (upd w C z) + b * g (upd w C z))) =
    (fun z => a * mean_of C (fun w => f (upd w C z)) + b * mean_of C (fun w => g (upd w C z))))
    by (extensionality z; apply Q).
  split; [split; [intros z; apply Q|]|].
  - rewrite Eq. apply dom_lin; assumption.
  - change (mean_of (S C) (fun w => a * f w + b * g w)) with
      (E neuron (fun z => mean_of C (fun w => a * f (upd w C z) + b * g (upd w C z)))).
    rewrite Eq. apply (E_lin neuron a b (fun z => mean_of C (fun w => f (upd w C z)))); assumption.
Qed.

Lemma unlikely_never C : unlikely C (fun _ => False) 0.
Proof.
  destruct (mean_of_const C 0) as [I V]. exists (fun _ => 0).
  split; [exact I|]. split; [intros; lra|]. split; [tauto|lra].
Qed.

Lemma unlikely_less C (A B : (nat -> T) -> Prop) delta delta' :
  (forall w, A w -> B w) -> delta <= delta' -> unlikely C B delta -> unlikely C A delta'.
Proof.
  intros H L (g & I & P & Q & V). exists g. split; [exact I|]. split; [exact P|].
  split; [auto|lra].
Qed.

(** The union bound. *)
Lemma unlikely_sum C n (A : nat -> (nat -> T) -> Prop) delta :
  (forall q, (q < n)%nat -> unlikely C (A q) (delta q)) ->
  unlikely C (fun w => exists q, (q < n)%nat /\ A q w) (sum n delta).
Proof.
  induction n as [|n IH]; intros H.
  - apply (unlikely_less C _ (fun _ => False) 0); [|simpl; lra|apply unlikely_never].
    intros w (q & Hq & _). lia.
  - destruct IH as (f & If & Pf & Qf & Vf); [auto|].
    destruct (H n ltac:(lia)) as (g & Ig & Pg & Qg & Vg).
    destruct (mean_of_lin C 1 1 f g If Ig) as [I V].
    exists (fun w => 1 * f w + 1 * g w). split; [exact I|]. split.
    { intros w. specialize (Pf w). specialize (Pg w). lra. }
    split; [|rewrite sum_S; lra]. intros w K. specialize (Pf w). specialize (Pg w).
    apply (ex_S n (fun q => A q w)) in K. destruct K as [K|K];
      [specialize (Qf w K)|specialize (Qg w K)]; lra.
Qed.

(** Over those entries of a matrix in which something holds. *)
Lemma unlikely_entries C n_out n_in (K : nat -> nat -> Prop) (A : nat -> nat -> (nat -> T) -> Prop)
    delta :
  (forall o j, (o < n_out)%nat -> (j < n_in)%nat -> K o j -> unlikely C (A o j) delta) ->
  unlikely C (fun w => exists o, (o < n_out)%nat /\ exists j, (j < n_in)%nat /\ K o j /\ A o j w)
    (count n_out n_in K * delta).
Proof.
  intros H. unfold count. rewrite Rmult_comm, <- sum_scal. apply unlikely_sum. intros o Ho.
  rewrite <- sum_scal. apply unlikely_sum. intros j Hj.
  destruct (excluded_middle_informative (K o j)) as [Y|Y].
  - apply (unlikely_less C _ (A o j) delta); [tauto|lra|auto].
  - apply (unlikely_less C _ (fun _ => False) 0); [tauto|lra|apply unlikely_never].
Qed.

(** ** Numbers of some neurons *)

(** The number [X s] of neuron [e s], for [s < n]. *)
Definition numbers (X : nat -> T -> R) (e : nat -> nat) (n : nat) (w : nat -> T) (s : nat) : R :=
  if (s <? n)%nat then X s (w (e s)) else 0.

(** They are independent: their mean is the iterated integral over their laws. *)
Lemma mean_of_numbers X e : (forall s f, tame f -> dom (law_of neuron (X s)) f) ->
  forall C n F, (forall s, (s < n)%nat -> (e s < C)%nat) ->
  (forall s t, (s < t < n)%nat -> (e s < e t)%nat) -> tame_in n F ->
  integrable C (fun w => F (numbers X e n w)) /\
  mean_of C (fun w => F (numbers X e n w)) = PE 0 (fun s => law_of neuron (X s)) n F.
Proof.
  intros HX. set (m := fun s => law_of neuron (X s)).
  induction C as [|C IH]; intros n F HC He HF.
  { destruct n as [|n]; [split; [exact I|reflexivity]|]. specialize (HC O ltac:(lia)). lia. }
  destruct n as [|n].
  { apply (mean_of_const (S C) (F (fun _ => 0))). }
  destruct (Nat.eq_dec (e n) C) as [E0|N0].
  - (* the last neuron has the last number *)
    assert (S1 : forall z, (fun w => F (numbers X e (S n) (upd w C z))) =
      (fun w => (fun x => F (upd x n (X n z))) (numbers X e n w))).
    { intros z. extensionality w. f_equal. extensionality s. unfold numbers, upd.
      destruct (Nat.eqb_spec s n) as [->|Ns].
      - rewrite (proj2 (Nat.ltb_lt n (S n))), E0, Nat.eqb_refl by lia. reflexivity.
      - destruct (Nat.ltb_spec s n) as [L|L].
        + rewrite (proj2 (Nat.ltb_lt s (S n))) by lia. specialize (He s n ltac:(lia)).
          destruct (Nat.eqb_spec (e s) C); [lia|reflexivity].
        + rewrite (proj2 (Nat.ltb_ge s (S n))) by lia. reflexivity. }
    assert (Q : forall z, integrable C (fun w => F (numbers X e (S n) (upd w C z))) /\
      mean_of C (fun w => F (numbers X e (S n) (upd w C z))) =
      PE 0 m n (fun x => F (upd x n (X n z)))).
    { intros z. rewrite S1. apply (IH n (fun x => F (upd x n (X n z)))).
      - intros s Hs. specialize (He s n ltac:(lia)). lia.
      - intros s t H. apply He. lia.
      - apply tame_in_slice, HF. }
    assert (Eq : (fun z => mean_of C (fun w => F (numbers X e (S n) (upd w C z)))) =
      (fun z => (fun t => PE 0 m n (fun x => F (upd x n t))) (X n z)))
      by (extensionality z; apply Q).
    split; [split; [intros z; apply Q|]|].
    + rewrite Eq. apply (HX n (fun t => PE 0 m n (fun x => F (upd x n t)))).
      apply tame_slices; [apply iterated_is_mean; intros i; apply HX|exact HF].
    + change (E neuron (fun z => mean_of C (fun w => F (numbers X e (S n) (upd w C z)))) =
        E (m n) (fun t => PE 0 m n (fun x => F (upd x n t)))).
      rewrite Eq. reflexivity.
  - (* the last neuron has none of the numbers *)
    assert (L : forall s, (s < S n)%nat -> (e s < C)%nat).
    { intros s Hs. pose proof (HC n ltac:(lia)).
      destruct (Nat.eq_dec s n) as [->|]; [lia|]. specialize (He s n ltac:(lia)). lia. }
    assert (S1 : forall z, (fun w => F (numbers X e (S n) (upd w C z))) =
      (fun w => F (numbers X e (S n) w))).
    { intros z. extensionality w. f_equal. extensionality s. unfold numbers, upd.
      destruct (Nat.ltb_spec s (S n)) as [K|K]; [|reflexivity]. specialize (L s K).
      destruct (Nat.eqb_spec (e s) C); [lia|reflexivity]. }
    destruct (IH (S n) F L He HF) as [I V].
    set (c := PE 0 m (S n) F) in *.
    assert (Eq : (fun z => mean_of C (fun w => F (numbers X e (S n) (upd w C z)))) =
      (fun _ => c * 1)) by (extensionality z; rewrite S1; lra).
    split; [split; [intros z; rewrite S1; exact I|]|].
    + rewrite Eq. apply (dom_scal neuron c (fun _ => 1)), dom_one.
    + change (E neuron (fun z => mean_of C (fun w => F (numbers X e (S n) (upd w C z)))) = c).
      rewrite Eq, (E_scal neuron c (fun _ => 1)), E_one by apply dom_one. ring.
Qed.

(** A weight is missed with at most probability [delta]. *)
Lemma weight_missed X e C n w r d epsilon delta :
  0 < d -> (forall s, spread d r (law_of neuron (X s))) ->
  (forall s, (s < n)%nat -> (e s < C)%nat) -> (forall s t, (s < t < n)%nat -> (e s < e t)%nat) ->
  Rabs w <= r -> 0 < epsilon < r -> 0 < delta < 1 -> INR n >= numbers_for r d epsilon delta ->
  unlikely C (fun om => forall keep : nat -> bool,
    epsilon < Rabs (w - sum n (fun s => if keep s then X s (om (e s)) else 0))) delta.
Proof.
  intros Hd HS HC He Hw Hep Hdl Hn.
  destruct (subset_sum_count (fun s => law_of neuron (X s)) r d epsilon delta n Hd HS Hep Hdl Hn)
    as (g & Tg & P0 & P1 & V).
  destruct (mean_of_numbers X e ltac:(intros s; apply HS) C n g HC He Tg) as [I Q].
  exists (fun om => g (numbers X e n om)). split; [exact I|]. split; [intros; apply P0|].
  split; [|rewrite Q; exact V].
  intros om H. apply P1. exists w. split; [apply Rabs_le_inv, Hw|]. intros b. specialize (H b).
  unfold kept_sum. rewrite (sum_ext n _ (fun s => if b s then X s (om (e s)) else 0)); [exact H|].
  intros s Hs. unfold numbers. rewrite (proj2 (Nat.ltb_lt s n)) by exact Hs. reflexivity.
Qed.
End Neurons.

(** ** One layer *)

(** [subset-sum-layer] (whole): neuron [s] of input [j] has the number [j * M + s]; its weights
    are any functions of it, of which [m] or fewer are for target weights that are not 0. A target
    weight is met as a sum of products, hence as a function of inputs of at least 0. The last sentence is a
    division. *)
Theorem subset_sum_layer {T} (z0 : T) (neuron : mean T) n_out n_in M (a b : nat -> T -> R)
    (W : nat -> nat -> R) w_max d epsilon delta m :
  0 < d -> (forall o j, (o < n_out)%nat -> (j < n_in)%nat ->
    spread d w_max (law_of neuron (fun z => a o z * b j z))) ->
  (forall j z, 0 < b j z) -> (forall o j, Rabs (W o j) <= w_max) -> 0 < epsilon < w_max ->
  1 <= m -> count n_out n_in (fun o j => W o j <> 0) <= m -> 0 < delta < 1 ->
  let kappa := 2 * w_max * d in
  INR M >= ln (m / delta * ((2 * w_max / epsilon - 1) * (4 * w_max / epsilon - 1))) /
           ln (/ (1 - kappa / 2)) ->
  unlikely z0 neuron (n_in * M) (fun om => ~ forall o j, (o < n_out)%nat -> (j < n_in)%nat ->
    W o j <> 0 -> exists keep : nat -> bool,
    let out := fun s => a o (om (j * M + s)%nat) in let inn := fun s => b j (om (j * M + s)%nat) in
    Rabs (W o j - sum M (fun s => if keep s then out s * inn s else 0)) <= epsilon /\
    forall x, 0 <= x ->
    Rabs (sum M (fun s => (if keep s then out s else 0) * relu (inn s * x)) - W o j * x)
    <= epsilon * x) delta.
Proof.
  intros Hd HS Hb HW He Hm Hc Hdl kappa HM.
  assert (D : 0 < delta / m < 1).
  { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_lt_reg_r with m; [lra|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  pose proof (unlikely_entries z0 neuron (n_in * M) n_out n_in (fun o j => W o j <> 0)
    (fun o j om => forall keep : nat -> bool, epsilon < Rabs (W o j - sum M (fun s =>
      if keep s then a o (om (j * M + s)%nat) * b j (om (j * M + s)%nat) else 0))) (delta / m)) as U.
  eapply unlikely_less; [| |apply U].
  - intros om H. apply NNPP. intros G. apply H. intros o j Ho Hj Z. apply NNPP. intros K.
    apply G. exists o. split; [exact Ho|]. exists j. split; [exact Hj|]. split; [exact Z|].
    intros keep. destruct (Rlt_dec epsilon (Rabs (W o j - sum M (fun s =>
      if keep s then a o (om (j * M + s)%nat) * b j (om (j * M + s)%nat) else 0)))) as [|L]; [assumption|].
    exfalso. apply K. exists keep. cbv zeta. split; [lra|]. intros x Hx.
    rewrite (sum_ext M _ (fun s => x *
      (if keep s then a o (om (j * M + s)%nat) * b j (om (j * M + s)%nat) else 0))).
    + rewrite sum_scal. eapply Rle_trans; [apply scaled_error with (eps := epsilon)|].
      * rewrite Rabs_minus_sym. lra.
      * rewrite (Rabs_pos_eq x) by exact Hx. lra.
    + intros s _. specialize (Hb j (om (j * M + s)%nat)).
      rewrite relu_pos by (apply Rmult_le_pos; lra). destruct (keep s); ring.
  - apply Rle_trans with (m * (delta / m)); [apply Rmult_le_compat_r; lra|right; field; lra].
  - intros o j Ho Hj Z.
    apply (weight_missed z0 neuron (fun _ z => a o z * b j z) (fun s => (j * M + s)%nat)
      (n_in * M) M (W o j) w_max d); auto.
    + intros s Hs. nia.
    + intros s t H. lia.
    + unfold numbers_for. replace (/ (delta / m)) with (m / delta) by (field; lra). exact HM.
Qed.

(** ** A network *)

(** Input [j] of layer [i] owns [2 * M i] neurons, or none if all its weights are 0. They are counted
    through all layers and inputs. *)
Definition neurons_of_input (N : network) (M : nat -> nat) : nat -> nat -> nat :=
  fun i j => block_size shared N (fun i => 2 * M i)%nat i 0 j.

Lemma neurons_of_weight N M i o j eps_w : 0 <= eps_w -> (o < width N (S i))%nat ->
  eps_w < Rabs (weight N i o j) -> neurons_of_input N M i j = (2 * M i)%nat.
Proof.
  intros He Ho Y. apply (block_size_of_weight shared N (fun i => 2 * M i)%nat i o j Ho).
  intros Z. rewrite Z, Rabs_R0 in Y. lra.
Qed.

Fixpoint neurons_of_inputs (N : network) (M : nat -> nat) (i j : nat) : nat :=
  match j with O => 0 | S j => (neurons_of_inputs N M i j + neurons_of_input N M i j)%nat end.

Fixpoint neurons_before (N : network) (M : nat -> nat) (i : nat) : nat :=
  match i with O => 0 | S i => (neurons_before N M i + neurons_of_inputs N M i (reads N i))%nat end.

Lemma neurons_before_count N M l :
  INR (neurons_before N M l) = sum l (fun i => used N i * INR (2 * M i)).
Proof.
  induction l as [|l IH]; [reflexivity|]. cbn [neurons_before sum]. rewrite plus_INR, IH. f_equal.
  rewrite <- (layer_neurons_count shared N (fun i => 2 * M i)%nat l). unfold layer_neurons.
  cbn [blocks sum]. rewrite Rplus_0_l. induction (reads N l) as [|n IHn]; [reflexivity|].
  cbn [neurons_of_inputs sum]. rewrite plus_INR, IHn. reflexivity.
Qed.

Definition place N M i j s : nat := (neurons_before N M i + neurons_of_inputs N M i j + s)%nat.

Lemma place_lt N M i j s : (i < layers N)%nat -> (j < reads N i)%nat ->
  (s < neurons_of_input N M i j)%nat -> (place N M i j s < neurons_before N M (layers N))%nat.
Proof.
  intros Hi Hj Hs. assert (Mono : forall l, (S i <= l)%nat ->
    (neurons_before N M (S i) <= neurons_before N M l)%nat).
  { intros l H. induction H as [|l H IH]; [lia|]. cbn [neurons_before] in *. lia. }
  assert (Inputs : forall n, (S j <= n)%nat ->
    (neurons_of_inputs N M i (S j) <= neurons_of_inputs N M i n)%nat).
  { intros n H. induction H as [|n H IH]; [lia|]. cbn [neurons_of_inputs] in *. lia. }
  specialize (Mono (layers N) Hi). specialize (Inputs (reads N i) Hj).
  cbn [neurons_before neurons_of_inputs] in *. unfold place. lia.
Qed.

(** G: the out-weights [a] and in-weights [b] of a layer are functions of a neuron. *)
Definition network_of {T} N M (a : nat -> nat -> T -> R) (b : nat -> nat -> nat -> T -> R)
    (om : nat -> T) : draw :=
  {| in_weight := fun i r j s j' => b i j' s (om (place N M i j s));
     out_weight := fun i r j s o => a i o (om (place N M i j s)) |}.

(** The first [M i] neurons of an input are for [x > 0], the others for [x < 0]. *)
Definition right_signs {T} (M : nat -> nat) (b : nat -> nat -> nat -> T -> R) : Prop :=
  forall i j s z, if (s <? M i)%nat then 0 < b i j s z else b i j s z < 0.

(** [subset-sum-layer] (part): every layer of a network, with both halves of the inputs, and the
    error budget of [main-theorem]: more than the claim says. Every input with a weight that is not 0
    owns [2 * M i] neurons: how many that are in all is [neurons_before_count]. *)
Theorem subset_sum_network {T} (z0 : T) (neuron : mean T) N M a b lambda norm_W A w_max s d m D
    eps_w epsilon delta :
  bounded_target N lambda norm_W A w_max D -> 0 < eps_w ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  right_signs M b ->
  (forall i o j t, inside N i o j ->
     0 < d i /\ spread (d i) (w_max i) (law_of neuron (fun z => a i o z * b i j t z))) ->
  (forall i, (i < layers N)%nat -> 1 <= m i /\ beyond N eps_w i <= m i) -> 0 < delta < 1 ->
  (forall i, (i < layers N)%nat -> eps_w < w_max i ->
     INR (M i) >= numbers_for (w_max i) (d i) eps_w (delta / (2 * INR (layers N) * m i))) ->
  unlikely z0 neuron (neurons_before N M (layers N)) (fun om => ~ exists mk, forall x, D x ->
    norm (width N (layers N)) (fun o =>
      ticket N shared (fun i => 2 * M i)%nat (network_of N M a b om) mk (layers N) x o -
      target N (layers N) x o) <= epsilon) delta.
Proof.
  intros (Hl & HL & HW & HA & HV) He Hs HB Hb HS Hm Hdl HM.
  assert (LL : 1 <= INR (layers N)) by (apply (le_INR 1); exact Hl).
  set (C := neurons_before N M (layers N)).
  (* a half [h] of a weight is missed *)
  set (half_missed := fun i h o j (om : nat -> T) => forall keep : nat -> bool,
    eps_w < Rabs (weight N i o j - sum (M i) (fun t => if keep t then
      a i o (om (place N M i j (h * M i + t))) * b i j (h * M i + t)%nat (om (place N M i j (h * M i + t)))
      else 0))).
  set (bad := fun i h om => exists o, (o < width N (S i))%nat /\ exists j, (j < reads N i)%nat /\
    eps_w < Rabs (weight N i o j) /\ half_missed i h o j om).
  assert (U : unlikely z0 neuron C
    (fun om => exists i, (i < layers N)%nat /\ exists h, (h < 2)%nat /\ bad i h om) delta).
  { eapply unlikely_less; [intros om H; exact H| |].
    2: { apply unlikely_sum with (delta := fun i => sum 2 (fun h => delta / (2 * INR (layers N)))).
      intros i Hi. apply unlikely_sum. intros h Hh. destruct (Hm i Hi) as [M1 M2].
      assert (X : 1 <= INR (layers N) * m i) by nra.
      assert (Dm : 0 < delta / (2 * INR (layers N) * m i) < 1).
      { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_lt_reg_r with (2 * INR (layers N) * m i); [lra|].
        unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
      eapply unlikely_less; [intros om H; exact H| |
        apply (unlikely_entries z0 neuron C _ _ _ _ (delta / (2 * INR (layers N) * m i)))].
      - apply Rle_trans with (m i * (delta / (2 * INR (layers N) * m i))).
        + apply Rmult_le_compat_r; [lra|exact M2].
        + right. field. lra.
      - intros o j Ho Hj Z. specialize (HV i o j Hi).
        apply (weight_missed z0 neuron (fun t z => a i o z * b i j (h * M i + t)%nat z)
          (fun t => place N M i j (h * M i + t)) C (M i) (weight N i o j) (w_max i) (d i)); auto.
        + apply (HS i o j O). repeat split; assumption.
        + intros t. apply HS. repeat split; assumption.
        + intros t Ht. apply place_lt; try assumption.
          rewrite (neurons_of_weight N M i o j eps_w) by (lra || assumption). nia.
        + intros t t' H. unfold place. lia.
        + lra.
        + apply HM; [exact Hi|lra]. }
    rewrite sum_const. replace (sum 2 (fun _ => delta / (2 * INR (layers N)))) with
      (delta / INR (layers N)) by (simpl; field; lra). right. field. lra. }
  eapply unlikely_less; [|apply Rle_refl|exact U]. intros om NoTicket. apply NNPP. intros Good.
  apply NoTicket.
  apply (served_is_a_ticket N shared (fun i => 2 * M i)%nat (network_of N M a b om) eps_w lambda norm_W A s);
    auto; [lra|].
  intros i o j Hi Ho Hj. set (w := weight N i o j).
  destruct (Rlt_dec eps_w (Rabs w)) as [Y|Y].
  - change (block_size _ N _ i _ j) with (neurons_of_input N M i j).
    rewrite (neurons_of_weight N M i o j eps_w) by (lra || assumption).
    assert (H : forall h, (h < 2)%nat -> exists keep : nat -> bool,
      Rabs (sum (M i) (fun t => if keep t then a i o (om (place N M i j (h * M i + t))) *
        b i j (h * M i + t)%nat (om (place N M i j (h * M i + t))) else 0) - w) <= eps_w).
    { intros h Hh. apply NNPP. intros K. apply Good. exists i. split; [exact Hi|]. exists h.
      split; [exact Hh|]. exists o. split; [exact Ho|]. exists j. split; [exact Hj|].
      split; [exact Y|]. intros keep. apply Rnot_le_lt. intros L. apply K. exists keep.
      rewrite Rabs_minus_sym. exact L. }
    destruct (H 0%nat ltac:(lia)) as (k1 & H1). destruct (H 1%nat ltac:(lia)) as (k2 & H2).
    exists (fun t => ((t <? M i)%nat && k1 t) || (negb (t <? M i)%nat && k2 (t - M i)%nat)).
    apply two_halves; unfold outs, ins; simpl block; cbn [in_weight out_weight network_of].
    + intros t K. apply andb_true_iff in K. destruct K as [K _].
      specialize (Hb i j t (om (place N M i j t))). rewrite K in Hb. exact Hb.
    + intros t K. apply andb_true_iff in K. destruct K as [K _]. apply negb_true_iff in K.
      specialize (Hb i j t (om (place N M i j t))). rewrite K in Hb. exact Hb.
    + eapply Rle_trans; [right|exact H1]. do 2 f_equal.
      replace (2 * M i)%nat with (M i + M i)%nat by lia. rewrite sum_split.
      etransitivity; [apply f_equal2|apply Rplus_0_r].
      * apply sum_ext. intros t Ht. simpl.
        rewrite (proj2 (Nat.ltb_lt t (M i))) by exact Ht. reflexivity.
      * apply sum_zero. intros t _. rewrite (proj2 (Nat.ltb_ge (M i + t) (M i))) by lia. reflexivity.
    + eapply Rle_trans; [right|exact H2]. do 2 f_equal. rewrite Nat.mul_1_l.
      replace (2 * M i)%nat with (M i + M i)%nat by lia. rewrite sum_split.
      etransitivity; [apply f_equal2|apply Rplus_0_l].
      * apply sum_zero. intros t Ht. rewrite (proj2 (Nat.ltb_lt t (M i))) by exact Ht. reflexivity.
      * apply sum_ext. intros t _. rewrite (proj2 (Nat.ltb_ge (M i + t) (M i))) by lia.
        replace (M i + t - M i)%nat with t by lia. reflexivity.
  - exists (fun _ => false). intros y. rewrite sum_zero by (intros; ring). fold w.
    replace (0 - w * y) with (- (w * y)) by ring.
    rewrite Rabs_Ropp, Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|lra].
Qed.

(** ** Nothing of this is empty: uniform out-weights, in-weights 1 and -1 *)

Lemma tame_in_mult n f g : tame_in n f -> tame_in n g -> tame_in n (fun w => f w * g w).
Proof.
  intros (B1 & K1 & H1) (B2 & K2 & H2). exists (B1 * B2), (B1 * K2 + K1 * B2). intros w.
  destruct (H1 w) as [P1 Q1]. destruct (H2 w) as [P2 Q2].
  pose proof (Rabs_pos (f w)). pose proof (Rabs_pos (g w)). split.
  - rewrite Rabs_mult. apply Rmult_le_compat; lra.
  - intros i s t Hi. specialize (Q1 i s t Hi). specialize (Q2 i s t Hi).
    destruct (H1 (upd w i s)) as [B _]. destruct (H2 (upd w i t)) as [B' _].
    replace (f (upd w i s) * g (upd w i s) - f (upd w i t) * g (upd w i t)) with
      (f (upd w i s) * (g (upd w i s) - g (upd w i t)) +
       (f (upd w i s) - f (upd w i t)) * g (upd w i t)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult.
    replace ((B1 * K2 + K1 * B2) * Rabs (s - t)) with (B1 * (K2 * Rabs (s - t)) + K1 * Rabs (s - t) * B2)
      by ring.
    apply Rplus_le_compat; apply Rmult_le_compat; auto using Rabs_pos.
Qed.

(** [n] independent numbers, on functions that are tame in each. *)
Definition independent (m : mean R) (H : forall f, tame f -> dom m f) (n : nat) : mean (nat -> R).
Proof.
  refine {| E := fun f => PE 0 (fun _ => m) n f; dom := tame_in n |};
    destruct (iterated_is_mean (fun _ => m) (fun _ => H) n) as (C & L & P).
  - apply tame_in_const.
  - apply tame_in_lin.
  - apply tame_in_mult.
  - apply C.
  - apply L.
  - apply P.
Defined.

(** Each of them has the law that it was made of, with either sign. *)
Lemma spread_of_coordinate m H n o d r c : (o < n)%nat -> c = 1 \/ c = -1 -> spread d r m ->
  spread d r (law_of (independent m H n) (fun w => w o * c)).
Proof.
  intros Ho Hc [_ HE]. assert (T : forall f, tame f -> tame (fun t => f (t * c))).
  { intros f (B & K & Q). exists B, K. intros s t. split; [apply (Q (s * c) (t * c))|].
    replace (Rabs (s - t)) with (Rabs (s * c - t * c)); [apply Q|].
    replace (s * c - t * c) with ((s - t) * c) by ring. rewrite Rabs_mult.
    assert (A : Rabs c = 1) by (destruct Hc; subst c; [apply Rabs_R1|rewrite Rabs_left; lra]).
    rewrite A. ring. }
  split.
  - intros f Hf. destruct (T f Hf) as (B & K & Q). exists B, (Rmax K 0). intros w.
    split; [apply (Q (w o) (w o))|]. intros i s t _. unfold upd.
    eapply Rle_trans; [apply Q|]. destruct (Nat.eqb_spec o i) as [E0|E0].
    + apply Rmult_le_compat_r; [apply Rabs_pos|apply Rmax_l].
    + rewrite (Rminus_diag_eq (w o)), Rabs_R0, Rmult_0_r by reflexivity.
      apply Rmult_le_pos; [apply Rmax_r|apply Rabs_pos].
  - intros f Hf H0. pose proof (T f Hf) as Tc.
    assert (V : E (law_of (independent m H n) (fun w => w o * c)) f = E m (fun t => f (t * c))).
    { assert (TF : tame_in 1 (fun x => f (x O * c))).
      { destruct Tc as (B & K & Q). exists B, K. intros w. split; [apply (Q (w O) (w O))|].
        intros i s t Hi. replace i with O by lia. apply Q. }
      exact (proj2 (mean_of_numbers 0 m (fun _ t => t) (fun _ => o) (fun _ => H) n 1
        (fun x => f (x O * c)) (fun _ _ => Ho) ltac:(intros; lia) TF)). }
    rewrite V. eapply Rle_trans; [|apply HE; [exact Tc|auto]]. right. f_equal.
    destruct Hc as [->| ->].
    + f_equal. extensionality t. f_equal. ring.
    + assert (I1 : forall p q, ex_RInt f p q)
        by (intros; apply ex_RInt_everywhere; intros; apply tame_continuous, Hf).
      assert (I2 : forall p q, ex_RInt (fun t => f (t * -1)) p q)
        by (intros; apply ex_RInt_everywhere; intros; apply (tame_continuous (fun t => f (t * -1))), Tc).
      pose proof (RInt_comp_lin f (-1) 0 (- (2 * r)) (2 * r) (I1 _ _)) as Q.
      rewrite (RInt_ext _ (fun t => scal (-1) (f (t * -1)))) in Q
        by (intros; do 2 f_equal; real_eq; ring).
      rewrite (RInt_scal (V := R_CompleteNormedModule) (fun t => f (t * -1)) _ _ (-1) (I2 _ _)) in Q.
      replace (-1 * - (2 * r) + 0) with (2 * r) in Q by ring.
      replace (-1 * (2 * r) + 0) with (- (2 * r)) in Q by ring.
      rewrite <- (opp_RInt_swap f (- (2 * r)) (2 * r) (I1 _ _)) in Q.
      unfold scal, opp in Q; simpl in Q; unfold mult in Q; simpl in Q. lra.
Qed.

Lemma uniform_means r (Hr : 0 < r) f : tame f -> dom (uniform_between r Hr) f.
Proof. apply uniform_spread. Qed.

(** [subset-sum-layer] (part): the network of the theorem before, with uniform out-weights, in-weights
    1 and -1, and the logarithmic form of [budget-logarithm]. [n] is the largest number of outputs of
    a layer, and [m] of its non-zero weights, or more. *)
Theorem subset_sum_network_uniform N lambda norm_W A r (Hr : 0 < r) s lambda_max A_max s_max n m D
    epsilon delta :
  bounded_target N lambda norm_W A (fun _ => r) D ->
  budget_inputs N lambda norm_W A s lambda_max A_max s_max ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  (forall i, (i < layers N)%nat -> (width N (S i) <= n)%nat) ->
  1 <= m -> (forall i, (i < layers N)%nat -> nonzero N i <= m) ->
  0 < epsilon -> 0 < delta < 1 ->
  let l := layers N in
  let eps_w := / (INR l * lambda_max * s_max) * ln (1 + epsilon / (A_max * growth lambda norm_W l)) in
  let M := fun _ : nat => nceil (ln (2 * INR l * m / delta *
    ((2 * r / eps_w - 1) * (4 * r / eps_w - 1))) / ln (4 / 3)) in
  let a := fun (_ o : nat) (w : nat -> R) => w o in
  let b := fun (i _ t : nat) (_ : nat -> R) => if (t <? M i)%nat then 1 else -1 in
  let neuron := independent (uniform_between r Hr) (uniform_means r Hr) n in
  unlikely (fun _ => 0) neuron (neurons_before N M l) (fun om => ~ exists mk, forall x, D x ->
    norm (width N l) (fun o =>
      ticket N shared (fun i => 2 * M i)%nat (network_of N M a b om) mk l x o -
      target N l x o) <= epsilon) delta.
Proof.
  intros HT HB Hs Hn Hm Hc He Hdl l eps_w M a b neuron.
  destruct (budget_logarithm N lambda norm_W A s lambda_max A_max s_max HB) as [_ B].
  destruct (B epsilon He) as [E0 B1]. fold l in E0, B1. fold eps_w in E0, B1.
  assert (LL : 1 <= INR l) by (apply (le_INR 1); apply HB).
  apply (subset_sum_network (fun _ => 0) neuron N M a b lambda norm_W A (fun _ => r) s
    (fun _ => / (4 * r)) (fun _ => m) D eps_w epsilon delta HT E0 Hs B1); [| | |exact Hdl|].
  - intros i j t z. unfold b. destruct (t <? M i)%nat; lra.
  - intros i o j t (Hi & Ho & Hj). split; [apply Rinv_0_lt_compat; lra|].
    apply (spread_of_coordinate (uniform_between r Hr) (uniform_means r Hr) n o (/ (4 * r)) r
      (if (t <? M i)%nat then 1 else -1)).
    + specialize (Hn i Hi). lia.
    + destruct (t <? M i)%nat; auto.
    + apply uniform_spread.
  - intros i Hi. split; [exact Hm|]. eapply Rle_trans; [apply beyond_le_nonzero; lra|auto].
  - intros i Hi _. apply Rle_ge. unfold numbers_for, M.
    replace (/ (delta / (2 * INR (layers N) * m))) with (2 * INR l * m / delta)
      by (unfold l in *; field; lra).
    replace (/ (1 - 2 * r * / (4 * r) / 2)) with (4 / 3) by (field; lra). apply nceil_ge.
Qed.
