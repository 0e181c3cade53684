(** * The main theorem with every number a formula (chapter _main_theorem_) *)

From Coq Require Import Reals Lra Psatz Lia Arith ClassicalEpsilon.
From GoldenTickets Require Import Sums Golden_ratio Malach Probability Network Budget Uniform
  Hyperbolic Ticket Main_theorem.
Open Scope R_scope.

(** [count] samples are enough, even if there is nothing to serve. *)
Lemma enough_by_logarithm c R d : 0 < c <= 1 -> 0 <= R -> 0 < d ->
  R * (1 - c) ^ nceil (/ c * ln (R / d)) <= d.
Proof.
  intros Hc HR Hd. destruct (Req_dec R 0) as [->|N]; [lra|].
  apply enough_samples; try lra. apply Rle_ge, nceil_ge.
Qed.

(** M_i in the book's closed form. *)
Definition samples_count (k l : nat) (m delta : R) : nat :=
  nceil (4 * INR k * ln (2 * INR k * m * INR l / delta)).

Lemma samples_count_enough N k eps_w delta : 0 < delta -> (1 <= layers N)%nat ->
  (forall i, (1 <= k i)%nat) ->
  enough_samples_for N k
    (fun i => samples_count (k i) (layers N) (beyond N eps_w i) delta) eps_w delta.
Proof.
  intros Hd Hl Hk i Hi. assert (K1 : 1 <= INR (k i)) by (apply (le_INR 1), Hk).
  assert (L1 : 0 < INR (layers N)) by (apply lt_0_INR; lia).
  unfold samples_count.
  replace (2 * INR (k i) * beyond N eps_w i * INR (layers N) / delta)
    with (2 * INR (k i) * beyond N eps_w i / (delta / INR (layers N))) by (field; lra).
  rewrite <- (Rinv_inv (4 * INR (k i))) at 2. apply enough_by_logarithm.
  - split; [apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
  - apply Rmult_le_pos; [lra|apply count_nonneg].
  - apply Rdiv_lt_0_compat; lra.
Qed.

Lemma samples_count_lt k l m delta K : (1 <= l)%nat -> 1 <= INR k <= K -> 1 <= m -> 0 < delta < 1 ->
  INR (samples_count k l m delta) < 4 * K * ln (2 * K * m * INR l / delta) + 1.
Proof.
  intros Hl Hk Hm Hd. assert (L1 : 1 <= INR l) by (apply (le_INR 1); lia).
  assert (Q : 1 < 2 * INR k * m * INR l / delta).
  { apply Rmult_lt_reg_r with delta; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    assert (1 <= INR k * m) by nra. assert (1 <= INR k * m * INR l) by nra. lra. }
  assert (L0 : 0 < ln (2 * INR k * m * INR l / delta))
    by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (LL : ln (2 * INR k * m * INR l / delta) <= ln (2 * K * m * INR l / delta)).
  { apply ln_le; [lra|]. unfold Rdiv.
    repeat (apply Rmult_le_compat_r; [try (left; apply Rinv_0_lt_compat); lra|]). lra. }
  eapply Rlt_le_trans; [apply nceil_lt; apply Rmult_le_pos; lra|].
  apply Rplus_le_compat_r. apply Rmult_le_compat; lra.
Qed.

(** [main-theorem] (part): with the logarithmic form of [budget-logarithm] and the closed form of the
    number of samples; reserved or shared. *)
Theorem main_theorem_logarithmic
    N lay lambda norm_W A w_max s lambda_max A_max s_max D gamma epsilon delta :
  budget_inputs N lambda norm_W A s lambda_max A_max s_max ->
  bounded_target N lambda norm_W A w_max D ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  1 < gamma <= phi -> 0 < epsilon -> 0 < delta ->
  let l := layers N in
  let eps_w := / (INR l * lambda_max * s_max) *
               ln (1 + epsilon / (A_max * growth lambda norm_W l)) in
  let k := fun i => count_digits gamma (w_max i) eps_w in
  let M := fun i => samples_count (k i) l (beyond N eps_w i) delta in
  holds_a_ticket (hyperbolic_space N lay M) N lay M (hyperbolic N gamma w_max k) D epsilon delta.
Proof.
  intros BI BT Hs Hg He Hd l eps_w k M.
  destruct (budget_logarithm N lambda norm_W A s lambda_max A_max s_max BI) as [_ B].
  destruct (B epsilon He) as [E0 B1].
  apply main_theorem with (lambda := lambda) (norm_W := norm_W) (A := A) (s := s) (eps_w := eps_w);
    [exact BT|exact Hg|exact E0|exact Hs|exact B1|].
  apply (samples_count_enough N k eps_w delta Hd (proj1 BT)).
  intros i. apply Nat.le_max_l.
Qed.

(** [main-theorem] (part): with the closed form of [budget-closed-form], κ = e or κ = e - 1. *)
Theorem main_theorem_closed_form
    N lay lambda norm_W A w_max lambda_max n F_max D kappa gamma epsilon delta :
  bounded_target N lambda norm_W A w_max D ->
  0 < lambda_max -> 0 < F_max -> widest N n ->
  (forall i, (i < layers N)%nat -> lambda i <= lambda_max /\ 0 <= A i <= sqrt n * F_max) ->
  kappa = exp 1 \/ kappa = exp 1 - 1 ->
  1 < gamma <= phi -> 0 < epsilon -> 0 < delta ->
  let l := layers N in
  let eps_w := closed_form kappa epsilon lambda_max n F_max (growth lambda norm_W l) l in
  let k := fun i => count_digits gamma (w_max i) eps_w in
  let M := fun i => samples_count (k i) l (beyond N eps_w i) delta in
  holds_a_ticket (hyperbolic_space N lay M) N lay M (hyperbolic N gamma w_max k) D epsilon delta.
Proof.
  intros BT L0 F0 Hn HA Hk Hg He Hd l eps_w k M.
  destruct BT as (Hl & HL & HW & HR & HV).
  destruct (proj1 budget_closed_form N lambda norm_W A lambda_max n F_max kappa epsilon) as [E0 B1]; auto.
  apply main_theorem with (lambda := lambda) (norm_W := norm_W) (A := A) (eps_w := eps_w)
    (s := fun i => sqrt (INR (width N (S i)) * INR (reads N i)));
    [|exact Hg|exact E0| |exact B1|].
  - exact (conj Hl (conj HL (conj HW (conj HR HV)))).
  - intros i Hi. apply sqrt_le_1_alt. apply count_at_most.
  - apply (samples_count_enough N k eps_w delta Hd Hl). intros i. apply Nat.le_max_l.
Qed.

Lemma ln_mult_3 x y z : 0 < x -> 0 < y -> 0 < z -> ln (x * y / z) = ln x + ln y - ln z.
Proof.
  intros Hx Hy Hz. rewrite ln_quotient, ln_mult; try lra. apply Rmult_lt_0_compat; lra.
Qed.

(** [logarithmic-price] (part): neurons of a block, reserved or shared; the pooled layout, and the
    division by the number of outputs, are not here. *)
Theorem logarithmic_price N i w_i w_max lambda_max n F_max P gamma epsilon delta :
  (1 <= layers N)%nat -> 0 < lambda_max -> 0 < F_max -> 1 <= n -> 1 <= P ->
  1 < gamma -> 0 < delta < 1 -> 0 < epsilon <= exp 1 * sqrt n * F_max * P ->
  let l := layers N in
  let eps_w := closed_form (exp 1) epsilon lambda_max n F_max P l in
  eps_w < w_i <= w_max -> 1 <= beyond N eps_w i ->
  let K := 1 + / ln gamma *
    (ln (exp 1 * INR l * lambda_max * (n * sqrt n) * w_max * F_max / epsilon) + ln P) in
  let m := beyond N eps_w i in let tau := ln (2 * K * m * INR l / delta) in
  INR (samples_count (count_digits gamma w_i eps_w) l m delta) <= 4 * K * tau + 1.
Proof.
  intros Hl L0 F0 Hn HP Hg Hd He l eps_w Hw Hm K m tau.
  assert (LL : 1 <= INR l) by (apply (le_INR 1); unfold l; lia).
  assert (LG : 0 < ln gamma) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (Sn : 0 < sqrt n) by (apply sqrt_lt_R0; lra). pose proof (exp_pos 1) as E0.
  set (B := exp 1 * INR l * lambda_max * (n * sqrt n) * F_max * P).
  assert (B0 : 0 < B) by (unfold B; repeat apply Rmult_lt_0_compat; lra).
  (* the first term of the closed form is the smaller one *)
  assert (EW : eps_w = epsilon / B).
  { unfold eps_w, closed_form. fold B. apply Rmin_left.
    apply Rmult_le_reg_r with B; [exact B0|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    rewrite Rmult_1_r. eapply Rle_trans; [apply He|]. right. unfold B. field. repeat split; lra. }
  assert (EW0 : 0 < eps_w) by (rewrite EW; apply Rdiv_lt_0_compat; lra).
  left. apply samples_count_lt; [exact Hl| |exact Hm|exact Hd]. split; [apply count_digits_pos|].
  left. eapply Rlt_le_trans; [apply count_digits_lt; lra|].
  unfold K. rewrite Rplus_comm. apply Rplus_le_compat_l. unfold Rdiv at 1. rewrite Rmult_comm.
  apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat; lra|].
  apply Rle_trans with (ln (w_max / eps_w)).
  - apply ln_le; [apply Rdiv_lt_0_compat; lra|].
    apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat|]; lra.
  - right. rewrite EW. set (C := exp 1 * INR l * lambda_max * (n * sqrt n)) in *.
    assert (C0 : 0 < C) by (unfold C; repeat apply Rmult_lt_0_compat; lra). clearbody C.
    rewrite (ln_mult_3 (C * w_max)) by (try apply Rmult_lt_0_compat; lra).
    rewrite (ln_quotient w_max) by (try apply Rdiv_lt_0_compat; lra).
    rewrite (ln_quotient epsilon) by lra. unfold B.
    rewrite (ln_mult (C * F_max)), (ln_mult C F_max), (ln_mult C w_max)
      by (try apply Rmult_lt_0_compat; lra). ring.
Qed.
