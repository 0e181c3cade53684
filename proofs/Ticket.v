(** * The random network and its tickets

    Between two layers of the target the random network G has intermediate ReLU neurons, connected to
    every input and to every output. A ticket keeps some of these edges. Which samples serve which
    weight is the layout; what a sample must be is left open here: digits, or anything else. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical ClassicalEpsilon Bool.
From GoldenTickets Require Import Sums Malach Probability Network Budget Hyperbolic.
Open Scope R_scope.

(** Reserved: each (output, input) has a block of neurons; shared: each input does. *)
Inductive layout := reserved | shared.

Definition blocks (lay : layout) (N : network) (i : nat) : nat :=
  match lay with reserved => width N (S i) | shared => 1 end.

(** The block that serves output [o], among those of an input. *)
Definition block (lay : layout) (o : nat) : nat := match lay with reserved => o | shared => 0 end.

(** A block has [M i] neurons if it serves a weight that is not 0, and none otherwise. *)
Definition owns (lay : layout) (N : network) (i r j : nat) : Prop :=
  exists o, (o < width N (S i))%nat /\ block lay o = r /\ weight N i o j <> 0.

Definition block_size (lay : layout) (N : network) (M : nat -> nat) (i r j : nat) : nat :=
  if excluded_middle_informative (owns lay N i r j) then M i else 0%nat.

(** Neurons of layer [i]. *)
Definition layer_neurons (lay : layout) (N : network) (M : nat -> nat) (i : nat) : R :=
  sum (blocks lay N i) (fun r => sum (reads N i) (fun j => INR (block_size lay N M i r j))).

Lemma block_lt lay N i o : (o < width N (S i))%nat -> (block lay o < blocks lay N i)%nat.
Proof. destruct lay; simpl; lia. Qed.

Lemma block_size_of_weight lay N M i o j : (o < width N (S i))%nat -> weight N i o j <> 0 ->
  block_size lay N M i (block lay o) j = M i.
Proof.
  intros Ho Hw. unfold block_size. destruct (excluded_middle_informative _) as [|K]; [reflexivity|].
  destruct K. exists o. auto.
Qed.

(** [M i] for each weight that is not 0 (reserved), or for each input that is used (shared). *)
Lemma layer_neurons_count lay N M i : layer_neurons lay N M i =
  match lay with reserved => nonzero N i | shared => used N i end * INR (M i).
Proof.
  assert (B : forall r j (A : Prop), (owns lay N i r j <-> A) -> INR (block_size lay N M i r j) =
    (if excluded_middle_informative A then 1 else 0) * INR (M i)).
  { intros r j A E. unfold block_size. destruct (excluded_middle_informative (owns lay N i r j)),
      (excluded_middle_informative A); simpl; lra || tauto. }
  assert (C : forall n_out n_in (A : nat -> nat -> Prop),
    (forall r j, (r < n_out)%nat -> owns lay N i r j <-> A r j) ->
    sum n_out (fun r => sum n_in (fun j => INR (block_size lay N M i r j))) =
    count n_out n_in A * INR (M i)).
  { intros n_out n_in A E. unfold count. rewrite Rmult_comm, <- sum_scal. apply sum_ext. intros r Hr.
    rewrite <- sum_scal. apply sum_ext. intros j _. rewrite (B r j _ (E r j Hr)). ring. }
  unfold layer_neurons. destruct lay; simpl blocks; apply C; intros r j Hr; unfold owns, uses; simpl.
  - split; [intros (o & _ & <- & H); exact H|]. intros H. exists r. auto.
  - replace r with O by lia. split; intros (o & Ho & H); exists o; tauto.
Qed.

(** Weights of G: neuron [s] of block [r] of input [j] in layer [i], with its edge from each input
    and to each output. *)
Record draw := {
  in_weight : nat -> nat -> nat -> nat -> nat -> R;  (* i r j s, input *)
  out_weight : nat -> nat -> nat -> nat -> nat -> R  (* i r j s, output *) }.

Record mask := {
  keeps_in : nat -> nat -> nat -> nat -> nat -> bool;
  keeps_out : nat -> nat -> nat -> nat -> nat -> bool }.

Definition kept (b : bool) (w : R) : R := if b then w else 0.

(** What a neuron of G computes, once some of its edges are deleted. *)
Definition neuron (N : network) (g : draw) (mk : mask) (i r j s : nat) (y : vec) : R :=
  relu (sum (reads N i) (fun j' => kept (keeps_in mk i r j s j') (in_weight g i r j s j') * y j')).

(** Layer [i] of the pruned G, before its activation. *)
Definition ticket_layer (N : network) (lay : layout) (M : nat -> nat) (g : draw) (mk : mask)
    (i : nat) (y : vec) : vec :=
  fun o => sum (blocks lay N i) (fun r => sum (reads N i) (fun j =>
    sum (block_size lay N M i r j) (fun s =>
    kept (keeps_out mk i r j s o) (out_weight g i r j s o) * neuron N g mk i r j s y))).

(** Ĝ in the book. *)
Definition ticket (N : network) (lay : layout) (M : nat -> nat) (g : draw) (mk : mask) :
    nat -> vec -> vec :=
  run N (ticket_layer N lay M g mk).

(** ** If every weight is served, there is a ticket *)

(** Each neuron keeps the edge from its own input; output [o] keeps, in its block, what [keep] says. *)
Definition assemble (lay : layout) (keep : nat -> nat -> nat -> nat -> bool) : mask :=
  {| keeps_in := fun i r j s j' => Nat.eqb j j';
     keeps_out := fun i r j s o => Nat.eqb (block lay o) r && keep i o j s |}.

Lemma ticket_layer_assemble N lay M g keep i y o : (o < width N (S i))%nat ->
  ticket_layer N lay M g (assemble lay keep) i y o =
  sum (reads N i) (fun j => sum (block_size lay N M i (block lay o) j) (fun s =>
    kept (keep i o j s) (out_weight g i (block lay o) j s o) *
    relu (in_weight g i (block lay o) j s j * y j))).
Proof.
  intros Ho. unfold ticket_layer.
  set (f := fun r => sum (reads N i) (fun j => sum (block_size lay N M i r j) (fun s =>
    kept (keep i o j s) (out_weight g i r j s o) * relu (in_weight g i r j s j * y j)))).
  transitivity (f (block lay o)); [|reflexivity].
  rewrite <- (sum_pick (blocks lay N i) (block lay o) f) by (apply block_lt, Ho).
  apply sum_ext. intros r _. unfold f. simpl. destruct (Nat.eqb (block lay o) r); simpl.
  - apply sum_ext. intros j Hj. apply sum_ext. intros s _. f_equal. unfold neuron. f_equal.
    rewrite <- (sum_pick (reads N i) j (fun j' => in_weight g i r j s j' * y j')) by exact Hj.
    apply sum_ext. intros j' _. simpl. unfold kept. destruct (Nat.eqb j j'); ring.
  - apply sum_zero. intros j _. apply sum_zero. intros s _. simpl. ring.
Qed.

(** Samples of the block that serves the weight (o, j). *)
Definition outs lay (g : draw) i o j : nat -> R := fun s => out_weight g i (block lay o) j s o.
Definition ins lay (g : draw) i o j : nat -> R := fun s => in_weight g i (block lay o) j s j.

(** Every weight of the layers has samples that stand for it. *)
Definition all_served N lay M g eps_w : Prop :=
  forall i o j, (i < layers N)%nat -> (o < width N (S i))%nat -> (j < reads N i)%nat ->
  exists keep, stand_for (block_size lay N M i (block lay o) j)
    (outs lay g i o j) (ins lay g i o j) keep (weight N i o j) eps_w.

Lemma served_is_a_ticket N lay M g eps_w lambda norm_W A s epsilon D :
  lipschitz N lambda -> operator_norm N norm_W -> reads_at_most N D A -> 0 <= eps_w ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  all_served N lay M g eps_w ->
  exists mk, forall x, D x ->
    norm (width N (layers N)) (fun o => ticket N lay M g mk (layers N) x o - target N (layers N) x o)
    <= epsilon.
Proof.
  intros HL HW HA He Hs HB Served.
  (* choose the samples; a weight that is 0 keeps none *)
  assert (C : forall t : nat * nat * nat, exists keep, let '(i, o, j) := t in
    (weight N i o j = 0 -> keep = fun _ => false) /\
    ((i < layers N)%nat -> (o < width N (S i))%nat -> (j < reads N i)%nat ->
     stand_for (block_size lay N M i (block lay o) j) (outs lay g i o j) (ins lay g i o j) keep
       (weight N i o j) eps_w)).
  { intros [[i o] j]. destruct (Req_dec (weight N i o j) 0) as [Z|Z].
    - exists (fun _ => false). split; [auto|]. intros _ _ _ y.
      rewrite sum_zero by (intros; ring). rewrite Z. replace (0 - 0 * y) with 0 by ring.
      rewrite Rabs_R0. apply Rmult_le_pos; [exact He|apply Rabs_pos].
    - destruct (classic ((i < layers N)%nat /\ (o < width N (S i))%nat /\ (j < reads N i)%nat))
        as [(Hi & Ho & Hj)|No].
      + destruct (Served i o j Hi Ho Hj) as (keep & H). exists keep. split; [tauto|auto].
      + exists (fun _ => false). split; [auto|tauto]. }
  set (keep := fun i o j => proj1_sig (constructive_indefinite_description _ (C (i, o, j)))).
  pose proof (fun i o j => proj2_sig (constructive_indefinite_description _ (C (i, o, j)))) as K.
  change (forall i o j, (weight N i o j = 0 -> keep i o j = fun _ => false) /\
    ((i < layers N)%nat -> (o < width N (S i))%nat -> (j < reads N i)%nat ->
     stand_for (block_size lay N M i (block lay o) j) (outs lay g i o j) (ins lay g i o j) (keep i o j)
       (weight N i o j) eps_w)) in K.
  clearbody keep.
  exists (assemble lay keep). intros x Hx. eapply Rle_trans; [|exact HB].
  apply (error_budget N lambda norm_W A (fun i => eps_w * s i)
    (ticket_layer N lay M g (assemble lay keep)) D); auto.
  - intros i Hi. apply Rmult_le_pos; [exact He|].
    eapply Rle_trans; [apply sqrt_pos|apply Hs, Hi].
  - intros i y Hi.
    set (err := fun o j => sum (block_size lay N M i (block lay o) j) (fun t =>
      kept (keep i o j t) (outs lay g i o j t) * relu (ins lay g i o j t * y j)) -
      weight N i o j * y j).
    apply Rle_trans with (norm (width N (S i)) (fun o => sum (reads N i) (err o))).
    { right. apply norm_ext. intros o Ho. rewrite ticket_layer_assemble by exact Ho.
      unfold err, linear. rewrite sum_minus. reflexivity. }
    eapply Rle_trans; [apply layer_error_entries with
      (eps := eps_w) (y := y) (S := fun o j => weight N i o j <> 0)|].
    + exact He.
    + intros o j Ho Hj. apply (K i o j); assumption.
    + intros o j Ho Hj NN. assert (Z : weight N i o j = 0)
        by (destruct (Req_dec (weight N i o j) 0); tauto).
      unfold err. destruct (K i o j) as [K0 _]. rewrite (K0 Z), Z.
      rewrite sum_zero by (intros; simpl; ring). ring.
    + fold (entries N i (fun w => w <> 0)). fold (nonzero N i).
      apply Rmult_le_compat_r; [apply norm_nonneg|]. apply Rmult_le_compat_l; [exact He|].
      apply Hs, Hi.
Qed.

(** ** How likely that is *)

Section Requirements.
Context {Om : Type} (P : probability Om) (N : network) (lay : layout) (M : nat -> nat).
Variables (g : Om -> draw) (eps_w delta : R) (c : nat -> R) (K : nat -> nat).

(** [req i o j q]: what the sample for the requirement [q < K i] of a weight must fulfil. *)
Variable req : nat -> nat -> nat -> nat -> R -> R -> Prop.
Definition met i o j q s (om : Om) : Prop :=
  req i o j q (outs lay (g om) i o j s) (ins lay (g om) i o j s).

Definition needs i o j := eps_w < Rabs (weight N i o j).
Definition inside i o j := (i < layers N)%nat /\ (o < width N (S i))%nat /\ (j < reads N i)%nat.

Hypothesis eps_pos : 0 <= eps_w.
Hypothesis c_range : forall i, (i < layers N)%nat -> 0 <= c i <= 1.
Hypothesis likely : forall i o j q s, inside i o j -> needs i o j -> (q < K i)%nat ->
  (s < M i)%nat -> ev P (met i o j q s) /\ c i <= Pr P (met i o j q s).
Hypothesis independent : forall i o j q, inside i o j -> needs i o j -> (q < K i)%nat ->
  independent_misses P (M i) (met i o j q).
Hypothesis enough : forall i, (i < layers N)%nat ->
  INR (K i) * beyond N eps_w i * (1 - c i) ^ M i <= delta / INR (layers N).

(** Samples that meet all requirements of a weight stand for it. *)
Hypothesis serve : forall om i o j, inside i o j -> needs i o j ->
  (forall q, (q < K i)%nat -> exists s, (s < M i)%nat /\ met i o j q s om) ->
  exists keep, stand_for (M i) (outs lay (g om) i o j) (ins lay (g om) i o j) keep
    (weight N i o j) eps_w.

Definition missed i o j q om := needs i o j /\ forall s, (s < M i)%nat -> ~ met i o j q s om.

Lemma ev_missed i o j q : inside i o j -> (q < K i)%nat -> ev P (missed i o j q).
Proof.
  intros Hi Hq. destruct (classic (needs i o j)) as [Y|Y].
  - apply (ev_ext _ P (fun om => forall s, (s < M i)%nat -> ~ met i o j q s om)).
    + intros om. unfold missed. tauto.
    + apply ev_all. intros s Hs. apply ev_not. apply likely; auto.
  - apply (ev_ext _ P (fun _ => False)); [|apply ev_false]. intros om. unfold missed. tauto.
Qed.

Lemma Pr_missed i o j q : inside i o j -> (q < K i)%nat ->
  Pr P (missed i o j q) <=
  (1 - c i) ^ M i * (if excluded_middle_informative (needs i o j) then 1 else 0).
Proof.
  intros Hi Hq. destruct (excluded_middle_informative (needs i o j)) as [Y|Y].
  - rewrite Rmult_1_r, (Pr_ext _ P _ (fun om => forall s, (s < M i)%nat -> ~ met i o j q s om))
      by (intros om; unfold missed; tauto).
    apply missed_by_all with (A := met i o j q); [apply c_range, Hi|auto|auto].
  - rewrite (Pr_ext _ P _ (fun _ => False)) by (intros om; unfold missed; tauto).
    rewrite Pr_false. lra.
Qed.

Definition bad om := exists i, (i < layers N)%nat /\ exists o, (o < width N (S i))%nat /\
  exists j, (j < reads N i)%nat /\ exists q, (q < K i)%nat /\ missed i o j q om.

Ltac events := intros; repeat (apply ev_ex; intros); apply ev_missed; repeat split; assumption.

Lemma ev_bad : ev P bad.
Proof. unfold bad. events. Qed.

Lemma Pr_bad_layer i : (i < layers N)%nat ->
  Pr P (fun om => exists o, (o < width N (S i))%nat /\ exists j, (j < reads N i)%nat /\
    exists q, (q < K i)%nat /\ missed i o j q om) <= delta / INR (layers N).
Proof.
  intros Hi. eapply Rle_trans; [|apply (enough i Hi)].
  eapply Rle_trans; [apply union_bound; events|].
  unfold beyond, entries, count. rewrite Rmult_assoc, (Rmult_comm (sum _ _)), <- Rmult_assoc.
  rewrite <- sum_scal. apply sum_le. intros o Ho.
  eapply Rle_trans; [apply union_bound; events|]. rewrite <- sum_scal. apply sum_le. intros j Hj.
  eapply Rle_trans; [apply union_bound; events|].
  eapply Rle_trans; [apply sum_le; intros q Hq; apply Pr_missed; [repeat split|]; assumption|].
  rewrite sum_const. right. unfold needs. ring.
Qed.

Lemma Pr_bad : (1 <= layers N)%nat -> Pr P bad <= delta.
Proof.
  intros Hl. assert (0 < INR (layers N)) by (apply lt_0_INR; lia).
  eapply Rle_trans; [apply union_bound; events|].
  eapply Rle_trans; [apply sum_le with (g := fun _ => delta / INR (layers N)); exact Pr_bad_layer|].
  rewrite sum_const. right. field. lra.
Qed.

Lemma good_is_served om : ~ bad om -> all_served N lay M (g om) eps_w.
Proof.
  intros Good i o j Hi Ho Hj. destruct (Rlt_dec eps_w (Rabs (weight N i o j))) as [Y|Y].
  - rewrite block_size_of_weight by (assumption || (intros Z; rewrite Z, Rabs_R0 in Y; lra)).
    apply serve; [repeat split; assumption|exact Y|]. intros q Hq. apply NNPP. intros Hno.
    apply Good. exists i; split; auto. exists o; split; auto. exists j; split; auto.
    exists q; split; auto. split; [exact Y|]. intros s Hs HC. apply Hno. exists s. auto.
  - (* a small weight keeps nothing *)
    exists (fun _ => false). intros y. rewrite sum_zero by (intros; ring).
    replace (0 - weight N i o j * y) with (- (weight N i o j * y)) by ring.
    rewrite Rabs_Ropp, Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|lra].
Qed.
End Requirements.

(** What it means that G holds a ticket of the target with probability at least [1 - delta]. *)
Definition holds_a_ticket {Om} (P : probability Om) N lay M (g : Om -> draw) (D : vec -> Prop)
    epsilon delta : Prop :=
  exists good, ev P good /\ 1 - delta <= Pr P good /\ forall om, good om ->
  exists mk, forall x, D x ->
    norm (width N (layers N))
      (fun o => ticket N lay M (g om) mk (layers N) x o - target N (layers N) x o) <= epsilon.

(** The frame of the main theorem, for any construction. *)
Lemma tickets_from_requirements {Om} (P : probability Om) N lay M (g : Om -> draw) eps_w delta c K req
    lambda norm_W A s epsilon D :
  (1 <= layers N)%nat -> 0 <= eps_w ->
  lipschitz N lambda -> operator_norm N norm_W -> reads_at_most N D A ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  (forall i, (i < layers N)%nat -> 0 <= c i <= 1) ->
  (forall i o j q s, inside N i o j -> needs N eps_w i o j -> (q < K i)%nat -> (s < M i)%nat ->
     ev P (met lay g req i o j q s) /\ c i <= Pr P (met lay g req i o j q s)) ->
  (forall i o j q, inside N i o j -> needs N eps_w i o j -> (q < K i)%nat ->
     independent_misses P (M i) (met lay g req i o j q)) ->
  (forall i, (i < layers N)%nat ->
     INR (K i) * beyond N eps_w i * (1 - c i) ^ M i <= delta / INR (layers N)) ->
  (forall om i o j, inside N i o j -> needs N eps_w i o j ->
     (forall q, (q < K i)%nat -> exists s, (s < M i)%nat /\ met lay g req i o j q s om) ->
     exists keep, stand_for (M i) (outs lay (g om) i o j) (ins lay (g om) i o j) keep
       (weight N i o j) eps_w) ->
  holds_a_ticket P N lay M g D epsilon delta.
Proof.
  intros Hl He HL HW HA Hs HB Hc HP HI HM Serve.
  exists (fun om => ~ bad N lay M g eps_w K req om).
  assert (EB : ev P (bad N lay M g eps_w K req)) by (apply ev_bad with (c := c); auto).
  split; [apply ev_not, EB|]. split.
  - rewrite Pr_not by exact EB.
    pose proof (Pr_bad P N lay M g eps_w delta c K req Hc HP HI HM Hl). lra.
  - intros om Good. apply served_is_a_ticket with (eps_w := eps_w) (lambda := lambda)
      (norm_W := norm_W) (A := A) (s := s); auto.
    apply good_is_served with (K := K) (req := req); auto.
Qed.
