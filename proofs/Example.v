(** * Nothing is vacuous: an example

    Two linear neurons in a row, inputs from -1 to 1, ε = δ = 1/100, base φ: every hypothesis of the
    main theorem is met, in all three layouts. *)

From Coq Require Import Reals Lra Psatz Lia Arith List.
From GoldenTickets Require Import Sums Golden_ratio Network Budget Hyperbolic Ticket Main_theorem
  Pooled Pooled_category Pooled_size Pooled_count Counts.
Open Scope R_scope.

Definition two_neurons : network :=
  {| layers := 2; width := fun _ => 1%nat; bias := false; weight := fun _ _ _ => 1;
     activation := fun _ z => z |}.

Definition ones : nat -> R := fun _ => 1.

Lemma two_neurons_linear i y : linear two_neurons i y O = y O.
Proof. unfold linear. simpl. ring. Qed.

Lemma two_neurons_identity i x : target two_neurons i x O = x O.
Proof.
  induction i as [|i IH]; [reflexivity|].
  change (linear two_neurons i (read two_neurons i (target two_neurons i x)) O = x O).
  rewrite two_neurons_linear. exact IH.
Qed.

Lemma two_neurons_bounded :
  bounded_target two_neurons ones ones ones ones (fun x => Rabs (x O) <= 1).
Proof.
  unfold ones. repeat split.
  - simpl. lia.
  - intros i u v _. simpl. lra.
  - lra.
  - intros y. simpl width. unfold reads. simpl width. simpl bias.
    change (1 + 0)%nat with 1%nat. rewrite !norm_1, two_neurons_linear. lra.
  - intros x Hx i _. unfold reads. simpl. rewrite norm_1. unfold read. simpl.
    rewrite two_neurons_identity. exact Hx.
  - intros i o j _. simpl. rewrite Rabs_R1. lra.
Qed.

Lemma two_neurons_nonzero i : sqrt (nonzero two_neurons i) <= 1.
Proof.
  apply Rle_trans with (sqrt 1); [|rewrite sqrt_1; lra]. apply sqrt_le_1_alt.
  eapply Rle_trans; [apply count_at_most|]. simpl. lra.
Qed.

Lemma two_neurons_inputs : budget_inputs two_neurons ones ones ones ones 1 1 1.
Proof.
  destruct two_neurons_bounded as (Hl & HL & HW & _). do 3 (split; [exact Hl || lra|]). split; [lra|].
  split; [exact HL|]. split; [exact HW|]. intros i _. unfold ones. lra.
Qed.

(** Reserved and shared. *)
Theorem two_neurons_have_a_ticket lay :
  let eps_w := / (INR 2 * 1 * 1) * ln (1 + 1 / 100 / (1 * growth ones ones 2)) in
  let k := fun i => count_digits phi (ones i) eps_w in
  let M := fun i => samples_count (k i) 2 (beyond two_neurons eps_w i) (1 / 100) in
  holds_a_ticket (hyperbolic_space two_neurons lay M) two_neurons lay M
    (hyperbolic two_neurons phi ones k) (fun x => Rabs (x O) <= 1) (1 / 100) (1 / 100).
Proof.
  apply (main_theorem_logarithmic two_neurons lay ones ones ones ones ones 1 1 1); try lra.
  - apply two_neurons_inputs.
  - apply two_neurons_bounded.
  - intros i _. apply two_neurons_nonzero.
  - pose proof phi_gt_1. lra.
Qed.

(** Pooled, with the closed form of [pooled-by-output]: every output has one weight. *)
Theorem two_neurons_have_a_pooled_ticket :
  let eps_w := / (INR 2 * 1 * 1) * ln (1 + 1 / 100 / (1 * growth ones ones 2)) in
  let k := fun i => count_digits phi (ones i) eps_w in
  let M := fun i (_ : nat) =>
    let x := 4 * INR (k i) * 1 / (1 / 100 / INR 2) in let t := ln x in let s := spare x in
    nceil (2 * INR (k i) * (INR (1 + s) + t + sqrt (t ^ 2 + 2 * INR (1 + s) * t))) in
  holds_a_pooled_ticket (pool_space two_neurons M) two_neurons M
    (hyperbolic_pool two_neurons phi ones k) (fun x => Rabs (x O) <= 1) (1 / 100) (1 / 100).
Proof.
  intros eps_w k M.
  destruct (budget_logarithm _ _ _ _ _ _ _ _ two_neurons_inputs) as [_ B].
  destruct (B (1 / 100) ltac:(lra)) as [E0 B1].
  apply (main_theorem_pooled two_neurons ones ones ones ones ones _ phi eps_w (1 / 100) (1 / 100) M
    (fun _ _ => 1%nat)); [apply two_neurons_bounded|pose proof phi_gt_1; lra|exact E0|lra| |exact B1|].
  - intros i _. apply two_neurons_nonzero.
  - intros i o Hi Ho. split.
    + unfold needed. change (reads two_neurons i) with 1%nat. simpl. destruct (Rlt_dec _ _); simpl; lia.
    + change (INR (width two_neurons (S i))) with 1.
      apply (unserved_closed_form (INR (k i)) 1 (M i o) 1 (1 / 100 / INR 2));
        [apply count_digits_pos|lra|simpl; lra|]. apply Rle_ge, nceil_ge.
Qed.
