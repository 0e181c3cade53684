(** * A closed form of the size of a pool (chapter _batch_sampling_pooled_) *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical ClassicalEpsilon FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Probability Spaces Hyperbolic Pooled_category.
Open Scope R_scope.

(** A category with [m + s] neurons or more fails with probability 2^(-s) at most. *)
Lemma enough_in_category m x : (m <= x)%nat -> 1 - all_served m x <= / 2 ^ (x - m).
Proof.
  induction m as [|m IH]; intros H.
  - unfold all_served. simpl. pose proof (half_pow_range (x - 0)). lra.
  - specialize (IH ltac:(lia)). unfold all_served in *. cbn [prod].
    pose proof (all_served_range m x) as Q. unfold all_served in Q.
    replace (/ 2 ^ (x - S m)) with (2 * / 2 ^ (x - m)).
    + pose proof (half_pow_range (x - m)). nra.
    + replace (x - m)%nat with (S (x - S m)) by lia. simpl. field. apply pow_nonzero. lra.
Qed.

Lemma exp_minus_le x : 0 <= x -> exp (- x) <= 1 - x + x * x / 2.
Proof.
  intros H. pose proof (exp_ge_taylor x 2 H) as Q. rewrite exp_Ropp.
  replace (sum_f_R0 (fun k => x ^ k / INR (fact k)) 2) with (1 + x + x * x / 2) in Q by (simpl; field).
  assert (E0 : 0 < exp x) by apply exp_pos. apply Rmult_le_reg_r with (exp x); [exact E0|].
  rewrite Rinv_l by lra.
  assert (P : 0 < 1 - x + x * x / 2) by nra.
  apply Rle_trans with ((1 - x + x * x / 2) * (1 + x + x * x / 2)); [|apply Rmult_le_compat_l; lra].
  assert (0 <= x * x * (x * x)) by (apply Rmult_le_pos; nra). lra.
Qed.

Lemma binomial_mean_exp p M x :
  binomial_mean p M (fun n => exp (- (x * INR n))) = (1 - p * (1 - exp (- x))) ^ M.
Proof.
  induction M as [|M IH]; cbn [binomial_mean pow].
  - simpl INR. rewrite Rmult_0_r, Ropp_0. apply exp_0.
  - replace (fun n => exp (- (x * INR (S n)))) with
      (fun n => exp (- x) * exp (- (x * INR n)) + 0 * exp (- (x * INR n))).
    + rewrite (binomial_mean_lin p M (exp (- x)) 0 (fun n => exp (- (x * INR n)))), IH. ring.
    + extensionality n. rewrite S_INR. replace (- (x * (INR n + 1))) with (- x + - (x * INR n)) by ring.
      rewrite exp_plus. ring.
Qed.

(** Chernoff's bound: fewer than [a] of [M] trials succeed. *)
Lemma few_successes p M a t : 0 <= p <= 1 -> 0 <= a -> 0 < t ->
  a + t + sqrt (t * t + 2 * a * t) <= INR M * p ->
  binomial_mean p M (fun x => ind (INR x < a)) <= exp (- t).
Proof.
  intros Hp Ha Ht HM. set (mu := INR M * p) in *. set (r := sqrt (t * t + 2 * a * t)) in *.
  assert (R0 : 0 <= r) by apply sqrt_pos.
  assert (R2 : r * r = t * t + 2 * a * t) by (apply sqrt_sqrt; nra).
  assert (M0 : 0 < mu) by lra.
  assert (R3 : r * r <= (mu - a - t) * (mu - a - t)) by (apply Rmult_le_compat; lra).
  assert (Sq : 2 * t * mu <= (mu - a) * (mu - a)) by lra.
  set (x := (mu - a) / mu). assert (Ex : x * mu = mu - a) by (unfold x; field; lra).
  assert (X0 : 0 <= x) by (unfold x; apply Rdiv_le_0_compat; lra).
  apply Rle_trans with (binomial_mean p M (fun n => exp (x * a) * exp (- (x * INR n)) +
    0 * exp (- (x * INR n)))).
  - apply binomial_mean_le; [exact Hp|]. intros n. rewrite Rmult_0_l, Rplus_0_r, <- exp_plus.
    unfold ind. destruct (excluded_middle_informative (INR n < a)) as [Y|Y]; [|left; apply exp_pos].
    rewrite <- exp_0. apply exp_le. nra.
  - rewrite (binomial_mean_lin p M (exp (x * a)) 0 (fun n => exp (- (x * INR n)))).
    rewrite Rmult_0_l, Rplus_0_r, binomial_mean_exp.
    pose proof (exp_minus_le x X0) as E1. pose proof (exp_pos (- x)) as E0.
    assert (E2 : exp (- x) <= 1) by (rewrite <- exp_0; apply exp_le; lra).
    apply Rle_trans with (exp (x * a) * exp (- (p * (1 - exp (- x))) * INR M)).
    + apply Rmult_le_compat_l; [left; apply exp_pos|]. apply pow_le_exp. nra.
    + rewrite <- exp_plus. apply exp_le.
      replace (- (p * (1 - exp (- x))) * INR M) with (- (mu * (1 - exp (- x)))) by (unfold mu; ring).
      assert (mu * (x - x * x / 2) <= mu * (1 - exp (- x))) by (apply Rmult_le_compat_l; lra).
      assert (Q : x * a - mu * (x - x * x / 2) = - (x * (mu - a) / 2)).
      { replace (mu * (x - x * x / 2)) with (x * mu - x * (x * mu) / 2) by field. rewrite Ex. lra. }
      assert (2 * t <= x * (mu - a)); [|lra]. apply Rmult_le_reg_r with mu; [exact M0|].
      replace (x * (mu - a) * mu) with (x * mu * (mu - a)) by ring. rewrite Ex. exact Sq.
Qed.

Lemma nceil_mono r q : r <= q -> (nceil r <= nceil q)%nat.
Proof.
  intros H. destruct (ceil_spec r) as [_ A]. destruct (ceil_spec q) as [B _].
  assert (ceil r < ceil q + 1)%Z by (apply lt_IZR; rewrite plus_IZR; lra). unfold nceil. lia.
Qed.

(** The number of samples of a category that the closed form asks for, beyond [m]. *)
Definition spare (x : R) : nat := nceil (ln x / ln 2).

Lemma spare_enough x : 0 < x -> / 2 ^ spare x <= / x.
Proof.
  intros Hx. apply Rinv_le_contravar; [exact Hx|].
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  rewrite <- (exp_ln x) at 1 by exact Hx. rewrite <- Rpower_pow by lra. unfold Rpower. apply exp_le.
  pose proof (nceil_ge (ln x / ln 2)) as Q. fold (spare x) in Q.
  replace (ln x) with (ln x / ln 2 * ln 2) by (field; lra). apply Rmult_le_compat_r; lra.
Qed.

Lemma unserved_closed_form k n M m delta : 1 <= k -> 1 <= n -> 0 < delta < 1 ->
  let t := ln (4 * k * n / delta) in let s := spare (4 * k * n / delta) in
  INR M >= 2 * k * (INR (m + s) + t + sqrt (t ^ 2 + 2 * INR (m + s) * t)) ->
  2 * k * n * unserved (/ (2 * k)) M m <= delta.
Proof.
  intros Hk Hn Hd t s HM. set (x := 4 * k * n / delta) in *.
  assert (Q1 : 1 <= k * n) by nra.
  assert (Dx : delta * x = 4 * k * n) by (unfold x; field; lra).
  assert (X1 : 1 < x) by (apply Rmult_lt_reg_l with delta; lra).
  assert (T0 : 0 < t) by (unfold t; rewrite <- ln_1; apply ln_increasing; lra).
  assert (P1 : 0 < / (2 * k) <= 1).
  { split; [apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra. }
  pose proof (few_successes (/ (2 * k)) M (INR (m + s)) t ltac:(lra) (pos_INR _) T0) as F.
  assert (HM' : INR (m + s) + t + sqrt (t * t + 2 * INR (m + s) * t) <= INR M * / (2 * k)).
  { apply Rmult_le_reg_r with (2 * k); [lra|]. rewrite (Rmult_assoc (INR M)), Rinv_l, Rmult_1_r by lra.
    apply Rge_le in HM. eapply Rle_trans; [|exact HM]. right.
    replace (t ^ 2) with (t * t) by ring. ring. }
  specialize (F HM').
  assert (U : unserved (/ (2 * k)) M m <= / x + / x).
  { apply Rle_trans with (binomial_mean (/ (2 * k)) M (fun y => / x * 1 + 1 * ind (INR y < INR (m + s)))).
    - apply binomial_mean_le; [lra|]. intros y. rewrite Rmult_1_r, Rmult_1_l.
      assert (0 < / x) by (apply Rinv_0_lt_compat; lra). pose proof (all_served_range m y).
      destruct (lt_dec y (m + s)) as [Y|Y].
      + rewrite ind_true by (apply lt_INR, Y). lra.
      + pose proof (ind_pos (INR y < INR (m + s))).
        pose proof (enough_in_category m y ltac:(lia)). pose proof (spare_enough x ltac:(lra)).
        assert (/ 2 ^ (y - m) <= / 2 ^ s); [|unfold s in *; lra].
        apply Rinv_le_contravar; [apply pow_lt; lra|]. apply Rle_pow; [lra|lia].
    - rewrite (binomial_mean_lin (/ (2 * k)) M (/ x) 1 (fun _ => 1)), binomial_mean_const.
      assert (Et : exp (- t) = / x) by (unfold t; rewrite exp_Ropp, exp_ln by lra; reflexivity). lra. }
  apply Rle_trans with (2 * k * n * (/ x + / x)); [apply Rmult_le_compat_l; [nra|exact U]|].
  right. replace (2 * k * n) with (delta * x / 2) by lra. field. lra.
Qed.
