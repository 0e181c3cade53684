(** * The main theorem with every number a formula (chapter _main_theorem_) *)

From Coq Require Import Reals Lra Psatz Lia Arith ClassicalEpsilon.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Golden_ratio Malach Probability Network Budget Uniform
  Hyperbolic Ticket Main_theorem Pooled Pooled_category Pooled_size Pooled_count.
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

(** [main-theorem] (whole): all three layouts; the least numbers [M] are among those that the theorem
    allows. [beyond] counts the weights above [eps_w], at most the book's [m]. Weights that are 0 own no
    neurons: the second line counts those of a layer. That the mask takes the greedy digits is in the
    proof. In the pooled layout [m i o] is the number of non-zero weights of the output, or of those
    beyond [eps_w], and a neuron has only the edge to its output. [s i] may be the book's
    [sqrt (n_i n_(i-1))]. *)
Theorem main_theorem N lambda norm_W A w_max s D gamma eps_w epsilon delta :
  bounded_target N lambda norm_W A w_max D ->
  1 < gamma <= phi -> 0 < eps_w -> 0 < delta ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  let k := fun i => count_digits gamma (w_max i) eps_w in
  (forall lay M, enough_samples_for N k M eps_w delta ->
     holds_a_ticket (hyperbolic_space N lay M) N lay M (hyperbolic N gamma w_max k) D epsilon delta) /\
  (forall lay M i, layer_neurons lay N M i =
     match lay with reserved => nonzero N i | shared => used N i end * INR (M i)) /\
  enough_samples_for N k
    (fun i => samples_count (k i) (layers N) (beyond N eps_w i) delta) eps_w delta /\
  (forall M m,
     (forall i o, (i < layers N)%nat -> (o < width N (S i))%nat ->
        (length (needed N eps_w i o) <= m i o)%nat /\
        2 * INR (k i) * INR (width N (S i)) * unserved (/ (2 * INR (k i))) (M i o) (m i o)
        <= delta / INR (layers N)) ->
     holds_a_pooled_ticket (pool_space N M) N M (hyperbolic_pool N gamma w_max k) D epsilon delta).
Proof.
  intros BT Hg He Hd Hs HB k. split; [|split; [|split]].
  - intros lay M HM. apply main_theorem_blocks with (lambda := lambda) (norm_W := norm_W) (A := A) (s := s)
      (eps_w := eps_w); assumption.
  - intros lay M i. apply layer_neurons_count.
  - apply (samples_count_enough N k eps_w delta Hd (proj1 BT)). intros i. apply Nat.le_max_l.
  - intros M m HM. apply main_theorem_pooled with (lambda := lambda) (norm_W := norm_W) (A := A)
      (s := s) (eps_w := eps_w) (m := m); assumption.
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
  apply main_theorem_blocks with (lambda := lambda) (norm_W := norm_W) (A := A) (s := s) (eps_w := eps_w);
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
  apply main_theorem_blocks with (lambda := lambda) (norm_W := norm_W) (A := A) (eps_w := eps_w)
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

(** K in the book is at least the number of digits. *)
Lemma digits_price N w_i w_max lambda_max n F_max P gamma epsilon :
  (1 <= layers N)%nat -> 0 < lambda_max -> 0 < F_max -> 1 <= n -> 1 <= P ->
  1 < gamma -> 0 < epsilon <= exp 1 * sqrt n * F_max * P ->
  let l := layers N in
  let eps_w := closed_form (exp 1) epsilon lambda_max n F_max P l in
  eps_w < w_i <= w_max ->
  let K := 1 + / ln gamma *
    (ln (exp 1 * INR l * lambda_max * (n * sqrt n) * w_max * F_max / epsilon) + ln P) in
  1 <= INR (count_digits gamma w_i eps_w) <= K.
Proof.
  intros Hl L0 F0 Hn HP Hg He l eps_w Hw K.
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
  split; [apply count_digits_pos|].
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

(** The closed form of [pooled-by-output], if there are at least as many weights as spare samples. *)
Lemma pooled_price k K n m delta : 1 <= k <= K -> 1 <= n -> (1 <= m)%nat -> 0 < delta < 1 ->
  (spare (4 * K * n / delta) <= m)%nat ->
  let t := ln (4 * k * n / delta) in let s := spare (4 * k * n / delta) in
  INR (nceil (2 * k * (INR (m + s) + t + sqrt (t ^ 2 + 2 * INR (m + s) * t)))) / INR m
  <= 2 * (3 + sqrt 5) * K + 1.
Proof.
  intros Hk Hn Hm Hd Hs t s. assert (M1 : 1 <= INR m) by (apply (le_INR 1), Hm).
  set (x := 4 * k * n / delta) in *. assert (Q1 : 1 <= k * n) by nra.
  assert (Dx : delta * x = 4 * (k * n)) by (unfold x; field; lra).
  assert (X1 : 1 < x) by (apply Rmult_lt_reg_l with delta; lra).
  assert (T0 : 0 < t) by (unfold t; rewrite <- ln_1; apply ln_increasing; lra).
  assert (L2 : 0 < ln 2 <= 1).
  { split; [rewrite <- ln_1; apply ln_increasing; lra|].
    rewrite <- (ln_exp 1). apply ln_le; [lra|].
    pose proof (exp_ineq1_le 1). lra. }
  assert (S1 : INR s <= INR m).
  { apply le_INR. eapply Nat.le_trans; [|exact Hs]. unfold s, spare. apply nceil_mono.
    apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply ln_le; [lra|].
    unfold x. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|].
    apply Rmult_le_compat_r; lra. }
  assert (TS : t <= INR s).
  { pose proof (nceil_ge (ln x / ln 2)) as G. change (nceil (ln x / ln 2)) with s in G.
    assert (E0 : t = ln x / ln 2 * ln 2) by (unfold t; field; lra). set (q := ln x / ln 2) in *.
    assert (Q0 : 0 <= q) by (apply Rdiv_le_0_compat; [left; exact T0|lra]).
    assert (q * ln 2 <= q * 1) by (apply Rmult_le_compat_l; lra). lra. }
  pose proof (pos_INR s) as S0. rewrite plus_INR.
  assert (R5 : sqrt (t ^ 2 + 2 * (INR m + INR s) * t) <= sqrt 5 * INR m).
  { rewrite <- (sqrt_square (INR m)) at 2 by lra. rewrite <- sqrt_mult by nra.
    apply sqrt_le_1_alt. replace (t ^ 2) with (t * t) by ring.
    assert (t * t <= INR m * INR m) by (apply Rmult_le_compat; lra).
    assert ((INR m + INR s) * t <= 2 * INR m * INR m) by (apply Rmult_le_compat; lra). lra. }
  assert (Q : 2 * k * (INR m + INR s + t + sqrt (t ^ 2 + 2 * (INR m + INR s) * t)) <=
    2 * K * ((3 + sqrt 5) * INR m)).
  { pose proof (sqrt_pos (t ^ 2 + 2 * (INR m + INR s) * t)).
    apply Rmult_le_compat; lra. }
  apply Rmult_le_reg_r with (INR m); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  left. eapply Rlt_le_trans; [apply nceil_lt|].
  - pose proof (sqrt_pos (t ^ 2 + 2 * (INR m + INR s) * t)). apply Rmult_le_pos; lra.
  - lra.
Qed.

(** [logarithmic-price] (whole): with the closed forms of the counts, which are at least the least
    ones. [n_out] and [n_in] are the numbers of outputs and inputs of the layer; a reserved layer has
    [n_out n_in M] neurons, a shared one [n_in M], a pooled one [n_out M'], and none of the
    [n_out n_in] weights is 0. *)
Theorem logarithmic_price N i w_i w_max lambda_max n F_max P gamma epsilon delta :
  (1 <= layers N)%nat -> 0 < lambda_max -> 0 < F_max -> 1 <= n -> 1 <= P ->
  1 < gamma -> 0 < delta < 1 -> 0 < epsilon <= exp 1 * sqrt n * F_max * P ->
  let l := layers N in
  let eps_w := closed_form (exp 1) epsilon lambda_max n F_max P l in
  eps_w < w_i <= w_max -> forall m, 1 <= m ->
  (1 <= width N (S i))%nat -> (1 <= reads N i)%nat ->
  let K := 1 + / ln gamma *
    (ln (exp 1 * INR l * lambda_max * (n * sqrt n) * w_max * F_max / epsilon) + ln P) in
  let n_out := INR (width N (S i)) in let n_in := INR (reads N i) in
  let tau := ln (2 * K * m * INR l / delta) in
  let k := count_digits gamma w_i eps_w in
  let M := samples_count k l m delta in
  let x := 4 * INR k * n_out / (delta / INR l) in let t := ln x in let s := spare x in
  let M' := nceil (2 * INR k *
    (INR (reads N i + s) + t + sqrt (t ^ 2 + 2 * INR (reads N i + s) * t))) in
  2 * INR k * m * (1 - / (4 * INR k)) ^ M <= delta / INR l /\
  n_out * n_in * INR M / (n_out * n_in) <= 4 * K * tau + 1 /\
  n_in * INR M / (n_out * n_in) <= (4 * K * tau + 1) / n_out /\
  (tau <= n_out -> n_in * INR M / (n_out * n_in) <= 4 * K + 1) /\
  2 * INR k * n_out * unserved (/ (2 * INR k)) M' (reads N i) <= delta / INR l /\
  ((spare (4 * K * n_out * INR l / delta) <= reads N i)%nat ->
   n_out * INR M' / (n_out * n_in) <= 2 * (3 + sqrt 5) * K + 1).
Proof.
  intros Hl L0 F0 Hn HP Hg Hd He l eps_w Hw m Hm Ho Hi K n_out n_in tau k M x t s M'.
  pose proof (digits_price N w_i w_max lambda_max n F_max P gamma epsilon Hl L0 F0 Hn HP Hg He Hw)
    as HK. cbv zeta in HK. fold l in HK. fold eps_w in HK. fold k K in HK.
  assert (O1 : 1 <= n_out) by (apply (le_INR 1), Ho). assert (I1 : 1 <= n_in) by (apply (le_INR 1), Hi).
  assert (LL : 1 <= INR l) by (apply (le_INR 1), Hl).
  assert (QM : INR M <= 4 * K * tau + 1)
    by (left; exact (samples_count_lt k l m delta K Hl HK Hm Hd)).
  assert (D : 0 < delta / INR l < 1).
  { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_lt_reg_r with (INR l); [lra|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  assert (Sh : n_in * INR M / (n_out * n_in) = INR M / n_out) by (field; lra).
  rewrite Sh. split; [|split; [|split; [|split; [|split]]]].
  - unfold M, samples_count.
    replace (2 * INR k * m * INR l / delta) with (2 * INR k * m / (delta / INR l)) by (field; lra).
    rewrite <- (Rinv_inv (4 * INR k)) at 2. apply enough_by_logarithm.
    + split; [apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
    + apply Rmult_le_pos; lra.
    + lra.
  - replace (n_out * n_in * INR M / (n_out * n_in)) with (INR M) by (field; lra). exact QM.
  - apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|exact QM].
  - intros Ht. apply Rmult_le_reg_r with n_out; [lra|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. nra.
  - apply unserved_closed_form; [lra|exact O1|exact D|]. apply Rle_ge, nceil_ge.
  - intros Hs. replace (n_out * INR M' / (n_out * n_in)) with (INR M' / n_in) by (field; lra).
    replace (4 * K * n_out * INR l / delta) with (4 * K * n_out / (delta / INR l)) in Hs
      by (field; lra).
    exact (pooled_price (INR k) K n_out (reads N i) (delta / INR l) HK O1 Hi D Hs).
Qed.
