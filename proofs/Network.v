(** * Networks

    Layer [i], from 0 to [layers - 1], computes [activation i (W y)] from what it reads: the outputs
    of the layer before, and the constant 1 if the network has biases. (The book counts layers
    from 1.) *)

From Coq Require Import Reals Lra Psatz Lia Arith ClassicalEpsilon.
From GoldenTickets Require Import Sums.
Open Scope R_scope.

Record network := {
  layers : nat;
  width : nat -> nat;  (* width 0: the inputs; width (i + 1): the outputs of layer i *)
  bias : bool;
  weight : nat -> nat -> nat -> R;  (* layer, output, input *)
  activation : nat -> R -> R }.

(** How many numbers layer [i] reads. *)
Definition reads (N : network) (i : nat) : nat := (width N i + if bias N then 1 else 0)%nat.

(** What layer [i] reads: after the outputs [y] of the layer before stands the constant 1. *)
Definition read (N : network) (i : nat) (y : vec) : vec :=
  fun j => if (j <? width N i)%nat then y j else 1.

(** W y *)
Definition linear (N : network) (i : nat) (y : vec) : vec :=
  fun o => sum (reads N i) (fun j => weight N i o j * y j).

(** Outputs of the first [i] layers, if layer [i] computes [H i] before its activation. *)
Fixpoint run (N : network) (H : nat -> vec -> vec) (i : nat) (x : vec) : vec :=
  match i with
  | O => x
  | S i => fun o => activation N i (H i (read N i (run N H i x)) o)
  end.

(** F in the book: the target itself. *)
Definition target (N : network) : nat -> vec -> vec := run N (linear N).

(** ** What is known of a network *)

Definition lipschitz (N : network) (lambda : nat -> R) : Prop :=
  forall i u v, (i < layers N)%nat ->
  Rabs (activation N i u - activation N i v) <= lambda i * Rabs (u - v).

(** [norm_W i] is at least the operator norm of W. *)
Definition operator_norm (N : network) (norm_W : nat -> R) : Prop :=
  forall i, (i < layers N)%nat ->
  0 <= norm_W i /\
  forall y, norm (width N (S i)) (linear N i y) <= norm_W i * norm (reads N i) y.

(** On the domain [D] no layer reads a vector longer than [A i]. *)
Definition reads_at_most (N : network) (D : vec -> Prop) (A : nat -> R) : Prop :=
  forall x, D x -> forall i, (i < layers N)%nat ->
  norm (reads N i) (read N i (target N i x)) <= A i.

Definition weights_at_most (N : network) (w_max : nat -> R) : Prop :=
  forall i o j, (i < layers N)%nat -> Rabs (weight N i o j) <= w_max i.

(** In how many of the entries of layer [i] something holds. *)
Definition count (n_out n_in : nat) (S : nat -> nat -> Prop) : R :=
  sum n_out (fun o => sum n_in (fun j => if excluded_middle_informative (S o j) then 1 else 0)).

Definition entries (N : network) (i : nat) (S : R -> Prop) : R :=
  count (width N (Datatypes.S i)) (reads N i) (fun o j => S (weight N i o j)).

(** The book's m: weights that are not 0. *)
Definition nonzero (N : network) (i : nat) : R := entries N i (fun w => w <> 0).

(** The inputs that are used: those with a weight that is not 0. *)
Definition uses (N : network) (i j : nat) : Prop :=
  exists o, (o < width N (S i))%nat /\ weight N i o j <> 0.
Definition used (N : network) (i : nat) : R := count 1 (reads N i) (fun _ j => uses N i j).

(** Weights beyond [eps_w]: no others need samples. *)
Definition beyond (N : network) (eps_w : R) (i : nat) : R := entries N i (fun w => eps_w < Rabs w).

(** ** Facts *)

Lemma lipschitz_nonneg N lambda i : lipschitz N lambda -> (i < layers N)%nat -> 0 <= lambda i.
Proof.
  intros H Hi. pose proof (H i 1 0 Hi) as Q. rewrite Rminus_0_r, Rabs_R1 in Q.
  pose proof (Rabs_pos (activation N i 1 - activation N i 0)). lra.
Qed.

(** Reading keeps distances: the constant 1 has no error. *)
Lemma read_isometric N i u v :
  norm (reads N i) (fun j => read N i u j - read N i v j) = norm (width N i) (fun j => u j - v j).
Proof.
  unfold norm, sq, reads. f_equal. rewrite sum_split.
  rewrite (sum_zero (if bias N then 1 else 0)%nat).
  - rewrite Rplus_0_r. apply sum_ext. intros j Hj. unfold read.
    apply Nat.ltb_lt in Hj. now rewrite Hj.
  - intros j _. unfold read. assert (E : (width N i + j <? width N i)%nat = false)
      by (apply Nat.ltb_ge; lia). rewrite E. ring.
Qed.

Lemma count_nonneg n_out n_in S : 0 <= count n_out n_in S.
Proof.
  apply sum_nonneg. intros o _. apply sum_nonneg. intros j _.
  destruct (excluded_middle_informative _); lra.
Qed.

Lemma count_le n_out n_in (S T : nat -> nat -> Prop) :
  (forall o j, (o < n_out)%nat -> (j < n_in)%nat -> S o j -> T o j) ->
  count n_out n_in S <= count n_out n_in T.
Proof.
  intros H. apply sum_le. intros o Ho. apply sum_le. intros j Hj. specialize (H o j Ho Hj).
  destruct (excluded_middle_informative (S o j)), (excluded_middle_informative (T o j)); lra || tauto.
Qed.

Lemma count_at_most n_out n_in S : count n_out n_in S <= INR n_out * INR n_in.
Proof.
  rewrite <- sum_const. apply sum_le. intros o _.
  rewrite <- (Rmult_1_r (INR n_in)), <- sum_const. apply sum_le. intros j _.
  destruct (excluded_middle_informative _); lra.
Qed.

Lemma beyond_le_nonzero N eps_w i : 0 <= eps_w -> beyond N eps_w i <= nonzero N i.
Proof.
  intros He. apply count_le. intros o j _ _ H E. rewrite E, Rabs_R0 in H. lra.
Qed.
