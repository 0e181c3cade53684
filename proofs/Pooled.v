(** * The pooled layout (chapter _batch_sampling_pooled_)

    Every output owns neurons, each with an edge from every input: which input a neuron works for is
    chosen after the draw. How likely it is that the neurons of an output can be assigned to all of its
    requirements is left open here: see the file [Pooled_count]. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical ClassicalEpsilon Bool.
From GoldenTickets Require Import Sums Golden_ratio Malach Probability Network Budget Hyperbolic Ticket
  Main_theorem.
Open Scope R_scope.

(** Weights of G: neuron [s] of output [o] in layer [i], with an edge from each input and one to [o]. *)
Record pool := {
  pool_in : nat -> nat -> nat -> nat -> R;  (* i o s, input *)
  pool_out : nat -> nat -> nat -> R  (* i o s *) }.

Record pool_mask := {
  pool_keeps_in : nat -> nat -> nat -> nat -> bool;
  pool_keeps_out : nat -> nat -> nat -> bool }.

(** Layer [i] of the pruned G, before its activation; [M i o] neurons are those of output [o]. *)
Definition pooled_layer (N : network) (M : nat -> nat -> nat) (g : pool) (mk : pool_mask) (i : nat)
    (y : vec) : vec :=
  fun o => sum (M i o) (fun s => kept (pool_keeps_out mk i o s) (pool_out g i o s) *
    relu (sum (reads N i) (fun j => kept (pool_keeps_in mk i o s j) (pool_in g i o s j) * y j))).

Definition pooled_ticket N M g mk : nat -> vec -> vec := run N (pooled_layer N M g mk).

(** An assignment gives each neuron one input. It is enough if, for each weight beyond [eps_w], the
    neurons of its output that work for its input meet all requirements. *)
Definition assigned N (M : nat -> nat -> nat) (g : pool) gamma w_max (k : nat -> nat) eps_w i o
    (works_for : nat -> nat) : Prop :=
  forall j, (j < reads N i)%nat -> eps_w < Rabs (weight N i o j) ->
  forall q, (q < k i + k i)%nat -> exists s, (s < M i o)%nat /\ works_for s = j /\
  requirement gamma (w_max i) (weight N i o j) (k i) q (pool_out g i o s) (pool_in g i o s j).

(** The part of an output that belongs to one input. *)
Lemma one_weight_of_a_pool gamma w_max w k M (a b : nat -> R) (mine : nat -> bool) :
  1 < gamma <= phi -> 0 < Rabs w <= w_max ->
  (forall q, (q < k + k)%nat ->
     exists s, (s < M)%nat /\ mine s = true /\ requirement gamma w_max w k q (a s) (b s)) ->
  exists keep, stand_for M a b (fun s => mine s && keep s) w (w_max * / gamma ^ k).
Proof.
  intros Hg Hw H. set (a' := fun s => if mine s then a s else 0).
  destruct (one_weight gamma w_max w k M a' b Hg Hw) as (keep & Q).
  - apply all_categories. intros q Hq. destruct (H q Hq) as (s & Hs & Y & R0). exists s.
    split; [exact Hs|]. unfold a'. rewrite Y. exact R0.
  - exists keep. intros y. specialize (Q y). rewrite (sum_ext M _ (fun s =>
      (if keep s then a' s else 0) * relu (b s * y))); [exact Q|].
    intros s _. unfold a'. destruct (mine s), (keep s); reflexivity.
Qed.

(** What it means that G holds a ticket of the target with probability at least [1 - delta]. *)
Definition holds_a_pooled_ticket {Om} (P : probability Om) N M (g : Om -> pool) (D : vec -> Prop)
    epsilon delta : Prop :=
  exists good, ev P good /\ 1 - delta <= Pr P good /\ forall om, good om ->
  exists mk, forall x, D x ->
    norm (width N (layers N))
      (fun o => pooled_ticket N M (g om) mk (layers N) x o - target N (layers N) x o) <= epsilon.

(** The frame of the pooled layout, for any law: if the neurons of an output can be assigned, except in
    an event [fails i o] that has at most probability [u i o], there is a ticket. *)
Lemma tickets_from_assignments {Om} (P : probability Om) (g : Om -> pool) N M lambda norm_W A w_max s D
    gamma eps_w epsilon delta (u : nat -> nat -> R) (fails : nat -> nat -> Om -> Prop) :
  bounded_target N lambda norm_W A w_max D ->
  1 < gamma <= phi -> 0 < eps_w ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  let k := fun i => count_digits gamma (w_max i) eps_w in
  (forall i o, (i < layers N)%nat -> (o < width N (S i))%nat ->
     ev P (fails i o) /\ Pr P (fails i o) <= u i o /\ forall om, ~ fails i o om ->
     exists works_for, assigned N M (g om) gamma w_max k eps_w i o works_for) ->
  sum (layers N) (fun i => sum (width N (S i)) (u i)) <= delta ->
  holds_a_pooled_ticket P N M g D epsilon delta.
Proof.
  intros (Hl & HL & HW & HA & HV) Hg He Hs HB k HU Hu.
  set (bad := fun om => exists i, (i < layers N)%nat /\ exists o, (o < width N (S i))%nat /\ fails i o om).
  assert (EB : ev P bad).
  { apply ev_ex. intros i Hi. apply ev_ex. intros o Ho. apply HU; assumption. }
  exists (fun om => ~ bad om). split; [apply ev_not, EB|]. split.
  { rewrite Pr_not by exact EB. assert (Pr P bad <= delta); [|lra]. eapply Rle_trans; [|exact Hu].
    eapply Rle_trans; [apply union_bound; intros i Hi; apply ev_ex; intros; apply HU; assumption|].
    apply sum_le. intros i Hi. eapply Rle_trans; [apply union_bound; intros; apply HU; assumption|].
    apply sum_le. intros o Ho. apply HU; assumption. }
  intros om Good.
  (* what each output keeps *)
  assert (C : forall t : nat * nat, exists c : (nat -> nat) * (nat -> bool), let '(i, o) := t in
    (i < layers N)%nat -> (o < width N (S i))%nat -> forall j, (j < reads N i)%nat ->
    (weight N i o j = 0 -> forall t, fst c t = j -> snd c t = false) /\
    stand_for (M i o) (pool_out (g om) i o) (fun t => pool_in (g om) i o t j)
      (fun t => Nat.eqb (fst c t) j && snd c t) (weight N i o j) eps_w).
  { intros [i o]. destruct (classic ((i < layers N)%nat /\ (o < width N (S i))%nat)) as [[Hi Ho]|No];
      [|exists (fun _ => O, fun _ => false); tauto].
    assert (W : exists works_for, assigned N M (g om) gamma w_max k eps_w i o works_for).
    { apply (HU i o Hi Ho). intros F. apply Good. exists i. split; [exact Hi|]. exists o. split; assumption. }
    destruct W as (f & Hf).
    assert (K : forall j, exists keep : nat -> bool, (j < reads N i)%nat ->
      (weight N i o j = 0 -> keep = fun _ => false) /\
      stand_for (M i o) (pool_out (g om) i o) (fun t => pool_in (g om) i o t j)
        (fun t => Nat.eqb (f t) j && keep t) (weight N i o j) eps_w).
    { intros j. destruct (classic ((j < reads N i)%nat /\ eps_w < Rabs (weight N i o j))) as [[Hj Y]|No].
      - pose proof (HV i o j Hi) as V.
        destruct (one_weight_of_a_pool gamma (w_max i) (weight N i o j) (k i) (M i o)
          (pool_out (g om) i o) (fun t => pool_in (g om) i o t j) (fun t => Nat.eqb (f t) j) Hg)
          as (keep & Q); [lra| |].
        + intros q Hq. destruct (Hf j Hj Y q Hq) as (t & Ht & E & R0). exists t.
          split; [exact Ht|]. split; [apply Nat.eqb_eq, E|exact R0].
        + exists keep. intros _. split; [intros Z; rewrite Z, Rabs_R0 in Y; lra|].
          intros y. eapply Rle_trans; [apply Q|]. apply Rmult_le_compat_r; [apply Rabs_pos|].
          apply count_digits_enough; lra.
      - exists (fun _ => false). intros Hj. split; [reflexivity|]. intros y.
        rewrite sum_zero by (intros; rewrite andb_false_r; ring).
        replace (0 - weight N i o j * y) with (- (weight N i o j * y)) by ring.
        rewrite Rabs_Ropp, Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|].
        apply Rnot_lt_le. tauto. }
    set (keep := fun j => proj1_sig (constructive_indefinite_description _ (K j))).
    pose proof (fun j => proj2_sig (constructive_indefinite_description _ (K j))) as HK.
    change (forall j, (j < reads N i)%nat -> (weight N i o j = 0 -> keep j = fun _ => false) /\
      stand_for (M i o) (pool_out (g om) i o) (fun t => pool_in (g om) i o t j)
        (fun t => Nat.eqb (f t) j && keep j t) (weight N i o j) eps_w) in HK.
    clearbody keep. exists (f, fun t => keep (f t) t). intros _ _ j Hj. cbn [fst snd].
    destruct (HK j Hj) as [H0 H1]. split.
    - intros Z t E. rewrite E, (H0 Z). reflexivity.
    - intros y. rewrite (sum_ext _ _ (fun t => (if Nat.eqb (f t) j && keep j t
        then pool_out (g om) i o t else 0) * relu (pool_in (g om) i o t j * y))); [apply H1|].
      intros t _. destruct (Nat.eqb_spec (f t) j) as [->|]; reflexivity. }
  set (c := fun i o => proj1_sig (constructive_indefinite_description _ (C (i, o)))).
  pose proof (fun i o => proj2_sig (constructive_indefinite_description _ (C (i, o)))) as HC.
  cbv beta iota in HC. change (forall i o, (i < layers N)%nat -> (o < width N (S i))%nat ->
    forall j, (j < reads N i)%nat ->
    (weight N i o j = 0 -> forall t, fst (c i o) t = j -> snd (c i o) t = false) /\
    stand_for (M i o) (pool_out (g om) i o) (fun t => pool_in (g om) i o t j)
      (fun t => Nat.eqb (fst (c i o) t) j && snd (c i o) t) (weight N i o j) eps_w) in HC.
  clearbody c.
  set (mk := {| pool_keeps_in := fun i o t j => Nat.eqb (fst (c i o) t) j;
    pool_keeps_out := fun i o t => snd (c i o) t |}).
  exists mk. intros x Hx. eapply Rle_trans; [|exact HB].
  apply (error_budget N lambda norm_W A (fun i => eps_w * s i) (pooled_layer N M (g om) mk) D); auto.
  { intros i Hi. apply Rmult_le_pos; [lra|]. eapply Rle_trans; [apply sqrt_pos|apply Hs, Hi]. }
  intros i y Hi.
  set (part := fun o j => sum (M i o) (fun t => (if Nat.eqb (fst (c i o) t) j && snd (c i o) t
    then pool_out (g om) i o t else 0) * relu (pool_in (g om) i o t j * y j))).
  set (err := fun o j => part o j - weight N i o j * y j).
  apply Rle_trans with (norm (width N (S i)) (fun o => sum (reads N i) (err o))).
  { right. apply norm_ext. intros o Ho. unfold err, linear. rewrite sum_minus. f_equal.
    unfold part. rewrite sum_swap. apply sum_ext. intros t _. cbn [pool_keeps_in pool_keeps_out mk].
    set (j0 := fst (c i o) t). destruct (le_lt_dec (reads N i) j0) as [Out|In].
    - (* it works for no input at all *)
      rewrite (sum_zero (reads N i)), relu_pos, Rmult_0_r; [|lra|].
      + symmetry. apply sum_zero. intros j Hj. destruct (Nat.eqb_spec j0 j); [lia|]. simpl. ring.
      + intros j Hj. unfold kept. destruct (Nat.eqb_spec j0 j); [lia|ring].
    - (* of either sum one term is left *)
      transitivity (sum (reads N i) (fun j => if Nat.eqb j0 j then kept (snd (c i o) t)
        (pool_out (g om) i o t) * relu (pool_in (g om) i o t j * y j) else 0)).
      + rewrite (sum_pick (reads N i) j0 (fun j => kept (snd (c i o) t) (pool_out (g om) i o t) *
          relu (pool_in (g om) i o t j * y j))) by exact In. do 2 f_equal.
        rewrite <- (sum_pick (reads N i) j0 (fun j => pool_in (g om) i o t j * y j)) by exact In.
        apply sum_ext. intros j _. unfold kept. destruct (Nat.eqb j0 j); ring.
      + apply sum_ext. intros j _. unfold kept.
        destruct (Nat.eqb j0 j), (snd (c i o) t); simpl; ring. }
  eapply Rle_trans; [apply layer_error_entries with
    (eps := eps_w) (y := y) (S := fun o j => weight N i o j <> 0)|].
  - lra.
  - intros o j Ho Hj. apply (HC i o Hi Ho j Hj).
  - intros o j Ho Hj NN. assert (Z : weight N i o j = 0)
      by (destruct (Req_dec (weight N i o j) 0); tauto).
    unfold err, part. destruct (HC i o Hi Ho j Hj) as [H0 _]. rewrite Z, sum_zero; [ring|].
    intros t _. destruct (Nat.eqb_spec (fst (c i o) t) j) as [E0|E0]; simpl; [|ring].
    rewrite (H0 Z t E0). ring.
  - fold (entries N i (fun w => w <> 0)). fold (nonzero N i).
    apply Rmult_le_compat_r; [apply norm_nonneg|]. apply Rmult_le_compat_l; [lra|]. apply Hs, Hi.
Qed.
