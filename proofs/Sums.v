(** * Finite sums and the 2-norm

    Nothing but the reals of the standard library. A vector is a function on the natural numbers, of
    which the first [n] values count; a sum goes over [0], ..., [n - 1]. *)

From Coq Require Import Reals Lra Psatz Lia Arith.
Open Scope R_scope.

Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S m => sum m f + f m end.

Lemma sum_S n f : sum (S n) f = sum n f + f n.
Proof. reflexivity. Qed.

Lemma sum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> sum n f = sum n g.
Proof. induction n as [|n IH]; simpl; intros H; [reflexivity|]. rewrite IH, H; auto. Qed.

Lemma sum_le n f g : (forall i, (i < n)%nat -> f i <= g i) -> sum n f <= sum n g.
Proof.
  induction n as [|n IH]; simpl; intros H; [lra|].
  assert (f n <= g n) by auto. assert (sum n f <= sum n g) by auto. lra.
Qed.

Lemma sum_plus n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. induction n as [|n IH]; simpl; [lra|rewrite IH; lra]. Qed.

Lemma sum_minus n f g : sum n (fun i => f i - g i) = sum n f - sum n g.
Proof. induction n as [|n IH]; simpl; [lra|rewrite IH; lra]. Qed.

Lemma sum_scal n c f : sum n (fun i => c * f i) = c * sum n f.
Proof. induction n as [|n IH]; simpl; [lra|rewrite IH; lra]. Qed.

Lemma sum_const n c : sum n (fun _ => c) = INR n * c.
Proof.
  induction n as [|n IH]; [simpl; lra|]. rewrite S_INR. simpl sum. rewrite IH. lra.
Qed.

Lemma sum_zero n f : (forall i, (i < n)%nat -> f i = 0) -> sum n f = 0.
Proof. intros H. rewrite (sum_ext n f (fun _ => 0)) by auto. rewrite sum_const. lra. Qed.

Lemma sum_nonneg n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum n f.
Proof. intros H. rewrite <- (sum_zero n (fun _ => 0)) by auto. apply sum_le. auto. Qed.

Lemma sum_swap n m (f : nat -> nat -> R) :
  sum n (fun i => sum m (fun j => f i j)) = sum m (fun j => sum n (fun i => f i j)).
Proof.
  induction n as [|n IH]; simpl.
  - now rewrite sum_zero.
  - now rewrite IH, <- sum_plus.
Qed.

(** One term only. *)
Lemma sum_pick n i f : (i < n)%nat ->
  sum n (fun j => if Nat.eqb i j then f j else 0) = f i.
Proof.
  induction n as [|n IH]; intros H; [lia|]. simpl.
  destruct (Nat.eq_dec i n) as [->|Hn].
  - rewrite Nat.eqb_refl, sum_zero; [lra|].
    intros j Hj. destruct (Nat.eqb_spec n j); [lia|reflexivity].
  - rewrite IH by lia. destruct (Nat.eqb_spec i n); [lia|lra].
Qed.

Lemma sum_abs n f : Rabs (sum n f) <= sum n (fun i => Rabs (f i)).
Proof.
  induction n as [|n IH]; simpl; [rewrite Rabs_R0; lra|].
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

Lemma sum_split p q f : sum (p + q) f = sum p f + sum q (fun i => f (p + i)%nat).
Proof.
  induction q as [|q IH]; [rewrite Nat.add_0_r; simpl; lra|].
  rewrite Nat.add_succ_r, !sum_S, IH. lra.
Qed.

Lemma sum_term n i f : (i < n)%nat -> (forall j, (j < n)%nat -> 0 <= f j) -> f i <= sum n f.
Proof.
  induction n as [|n IH]; intros Hi H; [lia|]. rewrite sum_S.
  destruct (Nat.eq_dec i n) as [->|].
  - pose proof (sum_nonneg n f ltac:(auto)). lra.
  - pose proof (IH ltac:(lia) ltac:(auto)). pose proof (H n ltac:(lia)). lra.
Qed.

(** ** The 2-norm *)

Definition vec := nat -> R.
Definition sq (n : nat) (v : vec) : R := sum n (fun i => v i * v i).
Definition norm (n : nat) (v : vec) : R := sqrt (sq n v).

Lemma square_nonneg x : 0 <= x * x.
Proof. apply Rle_0_sqr. Qed.

Lemma abs_square x : Rabs x * Rabs x = x * x.
Proof. rewrite <- Rabs_mult. apply Rabs_pos_eq, Rle_0_sqr. Qed.

Lemma le_of_sq a b : 0 <= b -> a * a <= b * b -> a <= b.
Proof. nra. Qed.

Lemma sq_nonneg n v : 0 <= sq n v.
Proof. apply sum_nonneg. intros; apply square_nonneg. Qed.

Lemma norm_nonneg n v : 0 <= norm n v.
Proof. apply sqrt_pos. Qed.

Lemma norm_sqr n v : norm n v * norm n v = sq n v.
Proof. apply sqrt_sqrt, sq_nonneg. Qed.

Lemma sq_ext n u v : (forall i, (i < n)%nat -> u i = v i) -> sq n u = sq n v.
Proof. intros H. apply sum_ext. intros; rewrite H; auto. Qed.

Lemma norm_ext n u v : (forall i, (i < n)%nat -> u i = v i) -> norm n u = norm n v.
Proof. intros H. unfold norm. f_equal. apply sq_ext, H. Qed.

Lemma norm_le n u v : (forall i, (i < n)%nat -> Rabs (u i) <= v i) -> norm n u <= norm n v.
Proof.
  intros H. apply sqrt_le_1_alt, sum_le. intros i Hi. specialize (H i Hi).
  rewrite <- abs_square. pose proof (Rabs_pos (u i)). nra.
Qed.

Lemma norm_scal n c v : 0 <= c -> norm n (fun i => c * v i) = c * norm n v.
Proof.
  intros Hc. unfold norm. replace (sq n (fun i => c * v i)) with (c * c * sq n v).
  - rewrite sqrt_mult; [rewrite sqrt_square; lra|nra|apply sq_nonneg].
  - unfold sq. rewrite <- sum_scal. apply sum_ext; intros; ring.
Qed.

Lemma norm_Rabs n v : norm n (fun i => Rabs (v i)) = norm n v.
Proof. unfold norm, sq. f_equal. apply sum_ext. intros i _. apply abs_square. Qed.

Lemma norm_zero n : norm n (fun _ => 0) = 0.
Proof.
  unfold norm, sq. rewrite sum_zero by (intros; ring). apply sqrt_0.
Qed.

Lemma norm_1 v : norm 1 v = Rabs (v O).
Proof. unfold norm, sq. simpl. rewrite Rplus_0_l. apply sqrt_Rsqr_abs. Qed.

Lemma cauchy_schwarz n u v :
  sum n (fun i => u i * v i) * sum n (fun i => u i * v i) <= sq n u * sq n v.
Proof.
  unfold sq. induction n as [|n IH]; simpl; [lra|].
  pose proof (sq_nonneg n u) as HU. pose proof (sq_nonneg n v) as HV. unfold sq in HU, HV.
  set (s := sum n (fun i => u i * v i)) in *.
  set (U := sum n (fun i => u i * u i)) in *. set (V := sum n (fun i => v i * v i)) in *.
  set (a := u n). set (b := v n).
  assert (K : 2 * (s * (a * b)) <= U * (b * b) + V * (a * a)).
  { apply le_of_sq; [nra|].
    assert ((s * (a * b)) * (s * (a * b)) <= U * V * ((a * b) * (a * b)))
      by (pose proof (square_nonneg (a * b)); nra).
    pose proof (square_nonneg (U * (b * b) - V * (a * a))). nra. }
  nra.
Qed.

Lemma norm_triangle n u v : norm n (fun i => u i + v i) <= norm n u + norm n v.
Proof.
  pose proof (norm_nonneg n u). pose proof (norm_nonneg n v).
  apply le_of_sq; [lra|]. rewrite norm_sqr.
  assert (C : sum n (fun i => u i * v i) <= norm n u * norm n v).
  { apply le_of_sq; [nra|]. pose proof (cauchy_schwarz n u v).
    pose proof (norm_sqr n u). pose proof (norm_sqr n v). nra. }
  replace (sq n (fun i => u i + v i)) with (sq n u + sq n v + 2 * sum n (fun i => u i * v i)).
  - pose proof (norm_sqr n u). pose proof (norm_sqr n v). nra.
  - unfold sq. rewrite <- sum_scal, <- !sum_plus. apply sum_ext; intros; ring.
Qed.
