(** * Why no one beats the logarithm (chapter _lower_bound_) *)

From Coq Require Import Reals Lra Psatz Lia Arith List ClassicalChoice.
From GoldenTickets Require Import Sums Malach Probability Budget.
Open Scope R_scope.

Lemma pigeonhole (N : nat) (f : nat -> nat) : (forall i, (i <= N)%nat -> (f i < N)%nat) ->
  exists i j, (i < j <= N)%nat /\ f i = f j.
Proof.
  revert f. induction N as [|N IH]; intros f H; [specialize (H O); lia|].
  destruct (in_dec Nat.eq_dec (f (S N)) (map f (seq 0 (S N)))) as [I|I].
  - apply in_map_iff in I. destruct I as (i & E & Hi). apply in_seq in Hi.
    exists i, (S N). split; [lia|exact E].
  - (* the value N moves to the place of f (S N) *)
    assert (D : forall i, (i <= N)%nat -> f i <> f (S N))
      by (intros i Hi Q; apply I; rewrite <- Q; apply in_map, in_seq; lia).
    set (h := fun i => if Nat.eq_dec (f i) N then f (S N) else f i).
    destruct (IH h) as (i & j & Hij & E).
    + intros i Hi. unfold h. pose proof (D i Hi). pose proof (H i ltac:(lia)).
      pose proof (H (S N) ltac:(lia)). destruct (Nat.eq_dec (f i) N); lia.
    + exists i, j. split; [lia|]. unfold h in E.
      pose proof (D i ltac:(lia)). pose proof (D j ltac:(lia)).
      destruct (Nat.eq_dec (f i) N), (Nat.eq_dec (f j) N); congruence.
Qed.

(** [N] numbers that serve all of [-w_max <= w <= w_max]: pigeonhole on [N + 1] equidistant weights. *)
Lemma counting_numbers N (s : nat -> R) w_max epsilon : 0 <= epsilon -> 0 <= w_max ->
  (forall w, - w_max <= w <= w_max -> exists i, (i < N)%nat /\ Rabs (w - s i) <= epsilon) ->
  w_max <= INR N * epsilon.
Proof.
  intros He Hv H. destruct (Rle_dec w_max (INR N * epsilon)) as [|L]; [assumption|exfalso].
  assert (N0 : (1 <= N)%nat) by (destruct (H 0) as (i & Hi & _); [lra|lia]).
  assert (NP : 0 < INR N) by (apply lt_0_INR; lia).
  set (d := 2 * w_max / INR N). assert (Nd : INR N * d = 2 * w_max) by (unfold d; field; lra).
  assert (Hd : 2 * epsilon < d) by nra.
  set (x := fun i => - w_max + INR i * d).
  assert (C : forall i, exists j, (i <= N)%nat -> (j < N)%nat /\ Rabs (x i - s j) <= epsilon).
  { intros i. destruct (le_dec i N) as [Hi|Hi]; [|exists O; intros; lia].
    destruct (H (x i)) as (j & Hj); [|exists j; auto]. unfold x.
    assert (0 <= INR i <= INR N) by (split; [apply pos_INR|apply le_INR; lia]).
    assert (0 <= INR i * d <= INR N * d)
      by (split; [apply Rmult_le_pos; lra|apply Rmult_le_compat_r; lra]). lra. }
  apply choice in C. destruct C as (f & Hf).
  destruct (pigeonhole N f) as (i & j & Hij & E); [intros; apply Hf; lia|].
  destruct (Hf i ltac:(lia)) as [_ A]. destruct (Hf j ltac:(lia)) as [_ B]. rewrite E in A.
  apply Rabs_le_inv in A. apply Rabs_le_inv in B. unfold x in *.
  assert (INR i + 1 <= INR j) by (rewrite <- S_INR; apply le_INR; lia). nra.
Qed.

(** The odd multiples of [epsilon] between [- 2^n epsilon] and [2^n epsilon] attain the bound. *)
Lemma counting_attained n epsilon : 0 < epsilon ->
  forall w, - (2 ^ n * epsilon) <= w <= 2 ^ n * epsilon ->
  exists i, (i < 2 ^ n)%nat /\ Rabs (w - (2 * INR i + 1 - 2 ^ n) * epsilon) <= epsilon.
Proof.
  intros He. induction n as [|n IH]; intros w Hw.
  - exists O. split; [simpl; lia|]. simpl in *. apply Rabs_le. lra.
  - assert (P : INR (2 ^ n) = 2 ^ n) by (rewrite pow_INR; reflexivity).
    assert (E : 2 ^ S n = 2 * 2 ^ n) by (simpl; ring). rewrite E in Hw |- *.
    assert (F : (2 ^ S n = 2 ^ n + 2 ^ n)%nat) by (simpl; lia).
    destruct (Rle_dec w 0) as [S|S].
    + destruct (IH (w + 2 ^ n * epsilon)) as (i & Hi & B); [lra|]. exists i. split; [lia|].
      replace (w - (2 * INR i + 1 - 2 * 2 ^ n) * epsilon)
        with (w + 2 ^ n * epsilon - (2 * INR i + 1 - 2 ^ n) * epsilon) by ring. exact B.
    + destruct (IH (w - 2 ^ n * epsilon)) as (i & Hi & B); [lra|].
      exists (i + 2 ^ n)%nat. split; [lia|]. rewrite plus_INR, P.
      replace (w - (2 * (INR i + 2 ^ n) + 1 - 2 * 2 ^ n) * epsilon)
        with (w - 2 ^ n * epsilon - (2 * INR i + 1 - 2 ^ n) * epsilon) by ring. exact B.
Qed.

(** [counting-one-weight] (whole): the set is the values [s 0], ..., [s (2^n - 1)], and
    [ln x / ln 2] is the logarithm to base 2. *)
Theorem counting_one_weight :
  (forall n (s : nat -> R) w_max epsilon, 0 < epsilon <= w_max ->
     (forall w, - w_max <= w <= w_max -> exists i, (i < 2 ^ n)%nat /\ Rabs (w - s i) <= epsilon) ->
     ln (w_max / epsilon) / ln 2 <= INR n) /\
  (forall n, exists (s : nat -> R) w_max epsilon, 0 < epsilon <= w_max /\
     (forall w, - w_max <= w <= w_max -> exists i, (i < 2 ^ n)%nat /\ Rabs (w - s i) <= epsilon) /\
     ln (w_max / epsilon) / ln 2 = INR n).
Proof.
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra). split.
  - intros n s w_max epsilon He H.
    pose proof (counting_numbers (2 ^ n) s w_max epsilon ltac:(lra) ltac:(lra) H) as C.
    assert (P : INR (2 ^ n) = 2 ^ n) by (rewrite pow_INR; reflexivity). rewrite P in C.
    assert (Q : w_max / epsilon <= 2 ^ n).
    { apply Rmult_le_reg_r with epsilon; [lra|]. unfold Rdiv.
      rewrite Rmult_assoc, Rinv_l by lra. lra. }
    apply Rmult_le_reg_r with (ln 2); [lra|]. unfold Rdiv at 1.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r, <- ln_pow by lra.
    apply ln_le; [apply Rdiv_lt_0_compat; lra|exact Q].
  - intros n. exists (fun i => (2 * INR i + 1 - 2 ^ n) * 1), (2 ^ n * 1), 1.
    assert (1 <= 2 ^ n) by (apply pow_R1_Rle; lra). split; [lra|]. split.
    + apply counting_attained. lra.
    + replace (2 ^ n * 1 / 1) with (2 ^ n) by field. rewrite ln_pow by lra. field. lra.
Qed.
