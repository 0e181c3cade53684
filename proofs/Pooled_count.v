(** * How many neurons the pooled layout needs (chapter _batch_sampling_pooled_)

    All categories of all outputs, and a closed form of the count. *)

From Coq Require Import Reals Lra Psatz Lia Arith List Bool Classical ClassicalEpsilon
  FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Golden_ratio Probability Network Budget Spaces Uniform Hyperbolic
  Ticket Main_theorem Pooled Pooled_category Pooled_size.
Open Scope R_scope.

(** ** The pooled network *)

(** Independent neurons: layer, output, sample, number. *)
Definition pool_outcome := nat -> nat -> nat -> nat -> R.

Section Pool.
Variables (N : network) (M : nat -> nat -> nat).

Definition pool_output_law (i o : nat) : mean (nat -> nat -> R) :=
  power (fun _ => 0) (fun _ => pool_neuron_law (reads N i)) (M i o).
Definition pool_layer_law (i : nat) : mean (nat -> nat -> nat -> R) :=
  power (fun _ _ => 0) (pool_output_law i) (width N (S i)).
Definition pool_space : probability pool_outcome :=
  prob (power (fun _ _ _ => 0) pool_layer_law (layers N)).

Lemma output_event i o (A : (nat -> nat -> R) -> Prop) : (i < layers N)%nat -> (o < width N (S i))%nat ->
  ev (prob (pool_output_law i o)) A ->
  ev pool_space (fun om => A (om i o)) /\
  Pr pool_space (fun om => A (om i o)) = Pr (prob (pool_output_law i o)) A.
Proof.
  intros Hi Ho HA.
  destruct (ev_coordinate (fun _ _ => 0) (pool_output_law i) (width N (S i)) o A Ho HA) as [V1 P1].
  destruct (ev_coordinate (fun _ _ _ => 0) pool_layer_law (layers N) i (fun w => A (w o)) Hi V1)
    as [V2 P2].
  split; [exact V2|]. etransitivity; [exact P2|exact P1].
Qed.

(** G of the book: in-weights are fair signs; out-weights have a fair sign and a hyperbolic
    magnitude. *)
Definition hyperbolic_pool (gamma : R) (w_max : nat -> R) (k : nat -> nat) (om : pool_outcome) : pool :=
  {| pool_in := fun i o s j => sign (om i o s j);
     pool_out := fun i o s => sign (om i o s (reads N i)) *
       out_magnitude gamma (w_max i) (k i) (om i o s (reads N i + 1)%nat) |}.

(** The inputs whose weights need neurons. *)
Definition needed (eps_w : R) (i o : nat) : list nat :=
  filter (fun j => if Rlt_dec eps_w (Rabs (weight N i o j)) then true else false) (seq 0 (reads N i)).

Lemma needed_spec eps_w i o j :
  In j (needed eps_w i o) <-> (j < reads N i)%nat /\ eps_w < Rabs (weight N i o j).
Proof.
  unfold needed. rewrite filter_In, in_seq.
  destruct (Rlt_dec eps_w (Rabs (weight N i o j))); split; intros [A B]; split; try lia; try lra;
    try discriminate; reflexivity || tauto.
Qed.

Variables (gamma eps_w : R) (w_max : nat -> R) (k : nat -> nat) (i o : nat).
Hypothesis gamma_gt_1 : 1 < gamma.
Hypothesis w_max_pos : 0 < w_max i.
Hypothesis eps_w_nonneg : 0 <= eps_w.

(** A category of the output: the sign of the out-weight, and its digit. In it an input needs a neuron
    whose in-weight has the sign that makes the product's sign that of the weight. *)
Definition sign_for (c j : nat) : bool :=
  if Rlt_dec 0 (weight N i o j) then half (k i) c else negb (half (k i) c).

Definition fits (c : nat) : nat -> (nat -> R) -> Prop :=
  right_for (reads N i) (k i) (digit (k i) c) gamma (w_max i) (half (k i) c) (sign_for c).

(** Some category is not served. *)
Definition output_fails (w : nat -> nat -> R) : Prop :=
  exists c, (c < k i + k i)%nat /\ not_all (fits c) (M i o) (needed eps_w i o) w.

Lemma needed_lt j : In j (needed eps_w i o) -> (j < reads N i)%nat.
Proof. intros H. apply needed_spec in H. tauto. Qed.

Lemma output_fails_probability : let P := prob (pool_output_law i o) in
  ev P output_fails /\
  Pr P output_fails <=
  2 * INR (k i) * unserved (/ (2 * INR (k i))) (M i o) (length (needed eps_w i o)).
Proof.
  intros P. assert (ND : NoDup (needed eps_w i o)) by (apply NoDup_filter, seq_NoDup).
  assert (V : forall c, (c < k i + k i)%nat -> ev P (not_all (fits c) (M i o) (needed eps_w i o))).
  { intros c Hc. apply ev_not_all with (n := reads N i); [|apply needed_lt]. intros j Hj.
    apply ev_right_for; auto. apply digit_lt, Hc. }
  split; [apply ev_ex; exact V|].
  eapply Rle_trans; [apply union_bound; exact V|].
  apply Rle_trans with (sum (k i + k i) (fun _ =>
    unserved (/ (2 * INR (k i))) (M i o) (length (needed eps_w i o)))).
  - apply sum_le. intros c Hc. right.
    apply (Pr_not_all (fun _ => 0) (pool_neuron_law (reads N i)) (fits c) (/ (2 * INR (k i)))
      (reads N i)); [|exact ND|apply needed_lt].
    intros L HL1 HL2. apply any_probability; auto. apply digit_lt, Hc.
  - rewrite sum_const, plus_INR. right. ring.
Qed.

Lemma digit_of_index (h : bool) d : (d < k i)%nat ->
  let c := (if h then d else d + k i)%nat in
  (c < k i + k i)%nat /\ half (k i) c = h /\ digit (k i) c = d.
Proof.
  intros Hd c. unfold c, half, digit. destruct h.
  - rewrite (proj2 (Nat.ltb_lt d (k i)) Hd). split; [lia|]. split; reflexivity.
  - rewrite (proj2 (Nat.ltb_ge (d + k i) (k i))) by lia. split; [lia|]. split; [reflexivity|lia].
Qed.

(** Otherwise the neurons can be assigned. *)
Lemma output_assigned om : ~ output_fails (om i o) ->
  exists works_for, assigned N M (hyperbolic_pool gamma w_max k om) gamma w_max k eps_w i o works_for.
Proof.
  intros Good. set (w := om i o).
  assert (F : forall c, exists f : nat -> nat, (c < k i + k i)%nat -> forall j, In j (needed eps_w i o) ->
    exists s, (s < M i o)%nat /\ f s = j /\ fits c j (w s)).
  { intros c. destruct (lt_dec c (k i + k i)) as [Hc|Hc]; [|exists (fun _ => O); tauto].
    destruct (assignment (fits c) (M i o) (needed eps_w i o) w) as (f & Hf).
    - intros K. apply Good. exists c. split; assumption.
    - exists f. intros _. exact Hf. }
  set (f := fun c => proj1_sig (constructive_indefinite_description _ (F c))).
  pose proof (fun c => proj2_sig (constructive_indefinite_description _ (F c))) as Hf.
  change (forall c, (c < k i + k i)%nat -> forall j, In j (needed eps_w i o) ->
    exists s, (s < M i o)%nat /\ f c s = j /\ fits c j (w s)) in Hf. clearbody f.
  (* each neuron has one category at most *)
  set (is_in := fun c s => (c < k i + k i)%nat /\
    in_category (reads N i) (k i) (digit (k i) c) gamma (w_max i) (half (k i) c) (w s)).
  assert (One : forall c c' s, is_in c s -> is_in c' s -> c = c').
  { intros c c' s (Hc & S1 & D1) (Hc' & S2 & D2). rewrite S1 in S2.
    pose proof (segments_disjoint gamma (w_max i) _ _ _ gamma_gt_1 w_max_pos D1 D2) as E0.
    assert (E1 : half (k i) c = half (k i) c')
      by (destruct (half (k i) c), (half (k i) c'); simpl in S2; try reflexivity; lra).
    unfold half in E1. unfold digit in E0. destruct (Nat.ltb_spec c (k i)), (Nat.ltb_spec c' (k i));
      try discriminate; lia. }
  assert (G : forall s, exists j, forall c, is_in c s -> f c s = j).
  { intros s. destruct (classic (exists c, is_in c s)) as [(c & Hc)|No].
    - exists (f c s). intros c' Hc'. rewrite (One c c' s Hc Hc'). reflexivity.
    - exists O. intros c Hc. destruct No. exists c. exact Hc. }
  exists (fun s => proj1_sig (constructive_indefinite_description _ (G s))).
  intros j Hj Y q Hq.
  set (h := half (k i) q). set (d := digit (k i) q). assert (Hd : (d < k i)%nat) by (apply digit_lt, Hq).
  destruct (digit_of_index (if Rlt_dec 0 (weight N i o j) then h else negb h) d Hd) as (C1 & C2 & C3).
  set (c := (if if Rlt_dec 0 (weight N i o j) then h else negb h then d else d + k i)%nat) in *.
  destruct (Hf c C1 j) as (s & Hs & E0 & (K & S1)); [apply needed_spec; split; assumption|].
  exists s. split; [exact Hs|]. split.
  - rewrite <- E0. destruct (constructive_indefinite_description _ (G s)) as (j' & Hj'). simpl.
    symmetry. apply Hj'. split; assumption.
  - rewrite C2, C3 in K. destruct K as (K1 & K2). unfold sign_for in S1. rewrite C2 in S1.
    unfold requirement. fold h d. unfold hyperbolic_pool. cbn [pool_in pool_out].
    apply category_of_signs; auto; [lia| |].
    + intros Z. rewrite Z, Rabs_R0 in Y. lra.
    + fold (w s). change (sign (w s j) = sgn h). rewrite S1.
      destruct (Rlt_dec 0 (weight N i o j)); [reflexivity|]. rewrite negb_involutive. reflexivity.
Qed.
End Pool.

(** [main-theorem] (part): the pooled layout, with the book's inequality for the numbers [M] of neurons;
    [m i o] is the number of non-zero weights of the output, or of those beyond [eps_w]. *)
Theorem main_theorem_pooled N lambda norm_W A w_max s D gamma eps_w epsilon delta M m :
  bounded_target N lambda norm_W A w_max D ->
  1 < gamma <= phi -> 0 < eps_w -> 0 < delta ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  let k := fun i => count_digits gamma (w_max i) eps_w in
  (forall i o, (i < layers N)%nat -> (o < width N (S i))%nat ->
     (length (needed N eps_w i o) <= m i o)%nat /\
     2 * INR (k i) * INR (width N (S i)) * unserved (/ (2 * INR (k i))) (M i o) (m i o)
     <= delta / INR (layers N)) ->
  holds_a_pooled_ticket (pool_space N M) N M (hyperbolic_pool N gamma w_max k) D epsilon delta.
Proof.
  intros BT Hg He Hd Hs HB k HM. pose proof BT as (Hl & _ & _ & _ & HV).
  assert (L1 : 0 < INR (layers N)) by (apply lt_0_INR; lia).
  assert (K1 : forall i, 1 <= INR (k i)) by (intros; apply count_digits_pos).
  set (fails := fun i o (om : pool_outcome) =>
    0 < w_max i /\ output_fails N M gamma eps_w w_max k i o (om i o)).
  apply (tickets_from_assignments (pool_space N M) (hyperbolic_pool N gamma w_max k) N M lambda norm_W A
    w_max s D gamma eps_w epsilon delta
    (fun i o => 2 * INR (k i) * unserved (/ (2 * INR (k i))) (M i o) (m i o)) fails BT Hg He Hs HB).
  - intros i o Hi Ho. destruct (HM i o Hi Ho) as [H1 _]. specialize (K1 i).
    assert (P1 : 0 <= / (2 * INR (k i)) <= 1).
    { split; [left; apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra. }
    assert (U : 0 <= 2 * INR (k i) * unserved (/ (2 * INR (k i))) (M i o) (m i o)).
    { apply Rmult_le_pos; [lra|]. rewrite <- (unserved_nothing (/ (2 * INR (k i))) (M i o)).
      apply unserved_mono; [exact P1|lia]. }
    destruct (Rlt_dec 0 (w_max i)) as [W|W].
    + destruct (output_fails_probability N M gamma eps_w w_max k i o) as [V Q]; try lra.
      destruct (output_event N M i o _ Hi Ho V) as [V' Q'].
      assert (X : forall om, output_fails N M gamma eps_w w_max k i o (om i o) <-> fails i o om)
        by (intros om; unfold fails; tauto).
      split; [apply (ev_ext _ _ _ _ X V')|]. split.
      * eapply Rle_trans; [right; etransitivity; [symmetry; apply (Pr_ext _ _ _ _ X)|exact Q']|].
        eapply Rle_trans; [exact Q|].
        apply Rmult_le_compat_l; [lra|]. apply unserved_mono; assumption.
      * intros om Good. apply output_assigned; try lra. unfold fails in Good. tauto.
    + assert (X : forall om, False <-> fails i o om) by (intros om; unfold fails; tauto).
      split; [apply (ev_ext _ _ _ _ X), ev_false|]. split.
      * apply Rle_trans with (Pr (pool_space N M) (fun _ => False));
          [right; symmetry; apply (Pr_ext _ _ _ _ X)|rewrite Pr_false; exact U].
      * intros om _. exists (fun _ => O). intros j Hj Y. specialize (HV i o j Hi). exfalso. lra.
  - apply Rle_trans with (sum (layers N) (fun _ => delta / INR (layers N))).
    + apply sum_le. intros i Hi. destruct (Nat.eq_dec (width N (S i)) 0) as [Z|Z].
      * rewrite Z. simpl. apply Rdiv_le_0_compat; lra.
      * assert (N1 : 0 < INR (width N (S i))) by (apply lt_0_INR; lia).
        apply Rle_trans with (sum (width N (S i)) (fun _ =>
          delta / INR (layers N) * / INR (width N (S i)))).
        -- apply sum_le. intros o Ho. destruct (HM i o Hi Ho) as [_ H2].
           apply Rmult_le_reg_r with (INR (width N (S i))); [exact N1|].
           rewrite (Rmult_assoc (delta / INR (layers N))), Rinv_l by lra. lra.
        -- rewrite sum_const. right. field. lra.
    + rewrite sum_const. right. field. lra.
Qed.

(** ** Every output *)

(** [pooled-by-output] (whole): of layer [i] of a network; a category of output [o] is not served if
    the rule of this file leaves one of its inputs, and [m o] is at least the number of its non-zero
    weights. *)
Theorem pooled_by_output N i gamma w_max k M m delta :
  (i < layers N)%nat -> 1 < gamma -> 0 < w_max i -> (1 <= k i)%nat -> 0 < delta < 1 ->
  (forall o, (length (needed N 0 i o) <= m o)%nat) ->
  let P := pool_space N M in let n := width N (S i) in
  let u := fun o => unserved (/ (2 * INR (k i))) (M i o) in
  (forall o c, (o < n)%nat -> (c < k i + k i)%nat ->
     let category_not_served := fun om : pool_outcome =>
       not_all (fits N gamma w_max k i o c) (M i o) (needed N 0 i o) (om i o) in
     ev P category_not_served /\ Pr P category_not_served = u o (length (needed N 0 i o))) /\
  ((forall o, (o < n)%nat -> 2 * INR (k i) * INR n * u o (m o) <= delta) ->
   exists good, ev P good /\ 1 - delta <= Pr P good /\ forall om, good om ->
   forall o, (o < n)%nat -> exists works_for,
     assigned N M (hyperbolic_pool N gamma w_max k om) gamma w_max k 0 i o works_for) /\
  (forall o, (o < n)%nat ->
     let x := 4 * INR (k i) * INR n / delta in let t := ln x in let s := spare x in
     INR (M i o) >=
       2 * INR (k i) * (INR (m o + s) + t + sqrt (t ^ 2 + 2 * INR (m o + s) * t)) ->
     2 * INR (k i) * INR n * u o (m o) <= delta).
Proof.
  intros Hi Hg Hw Hk Hd Hm P n u.
  assert (K1 : 1 <= INR (k i)) by (apply (le_INR 1), Hk).
  assert (P1 : 0 <= / (2 * INR (k i)) <= 1).
  { split; [left; apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra. }
  split; [|split].
  - intros o c Ho Hc.
    assert (D : (digit (k i) c < k i)%nat) by (apply digit_lt, Hc).
    assert (Lt : forall j, In j (needed N 0 i o) -> (j < reads N i)%nat).
    { intros j Hj. apply filter_In in Hj. destruct Hj as [Hj _]. apply in_seq in Hj. lia. }
    assert (V0 : ev (prob (pool_output_law N M i o))
      (not_all (fits N gamma w_max k i o c) (M i o) (needed N 0 i o))).
    { apply ev_not_all with (n := reads N i); [|exact Lt].
      intros j Hj. apply ev_right_for; assumption. }
    destruct (output_event N M i o _ Hi Ho V0) as [V Q]. cbv zeta.
    split; [exact V|]. etransitivity; [exact Q|].
    apply (Pr_not_all (fun _ => 0) (pool_neuron_law (reads N i)) (fits N gamma w_max k i o c)
      (/ (2 * INR (k i))) (reads N i)).
    + intros L L1 L2. apply any_probability; assumption.
    + apply NoDup_filter, seq_NoDup.
    + exact Lt.
  - intros HM. set (bad := fun om : pool_outcome => exists o, (o < n)%nat /\
      output_fails N M gamma 0 w_max k i o (om i o)).
    assert (V : forall o, (o < n)%nat ->
      ev P (fun om : pool_outcome => output_fails N M gamma 0 w_max k i o (om i o)) /\
      Pr P (fun om : pool_outcome => output_fails N M gamma 0 w_max k i o (om i o)) <= delta / INR n).
    { intros o Ho. destruct (output_fails_probability N M gamma 0 w_max k i o) as [V Q]; try lra.
      destruct (output_event N M i o _ Hi Ho V) as [V' Q']. split; [exact V'|].
      apply Rle_trans with (2 * INR (k i) * u o (m o)).
      - eapply Rle_trans; [right; exact Q'|]. eapply Rle_trans; [exact Q|].
        apply Rmult_le_compat_l; [lra|]. apply unserved_mono; auto.
      - assert (N1 : 0 < INR n) by (apply lt_0_INR; lia).
        apply Rmult_le_reg_r with (INR n); [exact N1|]. unfold Rdiv.
        rewrite (Rmult_assoc delta), Rinv_l by lra. specialize (HM o Ho). lra. }
    assert (EB : ev P bad) by (apply ev_ex; intros; apply V; assumption).
    exists (fun om => ~ bad om). split; [apply ev_not, EB|]. split.
    + rewrite Pr_not by exact EB. assert (Pr P bad <= delta); [|lra].
      eapply Rle_trans; [apply union_bound; intros; apply V; assumption|].
      eapply Rle_trans; [apply sum_le; intros o Ho; apply V, Ho|]. rewrite sum_const.
      destruct (Nat.eq_dec n 0) as [->|Z]; [simpl; lra|].
      assert (0 < INR n) by (apply lt_0_INR; lia). right. field. lra.
    + intros om Good o Ho. apply output_assigned; try lra. intros F. apply Good. exists o. auto.
  - intros o Ho x t s HM. unfold u. apply unserved_closed_form; [exact K1| |exact Hd|exact HM].
    apply (le_INR 1). lia.
Qed.
