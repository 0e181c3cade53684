(** * The constants of Malach's count (chapter _malach_)

    With a smaller constant there are an ε and a δ with which the weight 1 is missed too often. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Malach Probability Batch_sampling Spaces Uniform Hyperbolic
  Malach_network Best_leading.
Open Scope R_scope.

(** [N] neurons with one in-weight and one out-weight each. *)
Definition neurons (N : nat) : probability (nat -> nat -> R) :=
  prob (power (fun _ : nat => 0) (fun _ => power 0 (fun _ => uniform) 2) N).

(** No neuron fits one half or the other. *)
Definition half_missed (w epsilon : R) (N : nat) (z : nat -> nat -> R) : Prop :=
  exists h, forall s, (s < N)%nat ->
  ~ fits w epsilon h (uniform_weight (z s 0%nat)) (uniform_weight (z s 1%nat)).

Lemma prod_power N q : prod N (fun _ => q) = q ^ N.
Proof. induction N as [|N IH]; simpl; [reflexivity|]. rewrite IH. ring. Qed.

(** By inclusion and exclusion. *)
Lemma half_missed_often w epsilon N q : Rabs w <= 1 -> 0 < epsilon < 2 ->
  q = (1 - success w epsilon) ^ N ->
  ev (neurons N) (half_missed w epsilon N) /\
  2 * q - q ^ 2 <= Pr (neurons N) (half_missed w epsilon N).
Proof.
  intros Hw He Eq. set (P := neurons N). set (p := success w epsilon) in *.
  assert (He2 : 0 < epsilon <= 2) by lra.
  set (law := power 0 (fun _ => uniform) 2).
  set (one := fun (h : bool) (z : nat -> R) =>
    fits w epsilon h (uniform_weight (z 0%nat)) (uniform_weight (z 1%nat))).
  assert (V1 : forall h, ev (prob law) (one h) /\ Pr (prob law) (one h) = p)
    by (intros h; apply fits_probability; auto; lia).
  assert (P1 : 0 <= p <= / 2).
  { destruct (success_least w epsilon Hw He2) as [S1 S2]. fold p in S1, S2.
    assert (0 < epsilon ^ 2) by (apply pow_lt; lra). assert (epsilon ^ 2 <= 4) by nra. lra. }
  set (all := fun (h : bool) (z : nat -> nat -> R) => forall s, (s < N)%nat -> ~ one h (z s)).
  assert (VA : forall h s, (s < N)%nat ->
    ev P (fun z => one h (z s)) /\ Pr P (fun z => one h (z s)) = p).
  { intros h s Hs. destruct (V1 h) as [V Q].
    destruct (ev_coordinate (fun _ => 0) (fun _ => law) N s _ Hs V) as [V' Q'].
    split; [exact V'|]. rewrite <- Q. exact Q'. }
  assert (VM : forall h, ev P (all h) /\ Pr P (all h) = q).
  { intros h. split; [apply ev_all; intros s Hs; apply ev_not, VA, Hs|].
    pose proof (power_independent (fun _ => 0) (fun _ => law) N (fun _ => one h)
      (fun s _ => proj1 (V1 h))) as I.
    etransitivity; [exact I|]. rewrite Eq, <- prod_power. apply prod_ext. intros s Hs.
    destruct (VA h s Hs) as [V Q]. etransitivity; [apply (Pr_not P _ V)|]. rewrite Q. reflexivity. }
  assert (VB : forall s, (s < N)%nat -> ev P (fun z => one true (z s) \/ one false (z s)) /\
    2 * p <= Pr P (fun z => one true (z s) \/ one false (z s))).
  { intros s Hs. destruct (VA true s Hs) as [V Q], (VA false s Hs) as [V' Q'].
    split; [apply ev_or; assumption|]. rewrite (Pr_add _ P _ _ V V'), Q, Q'; [lra|].
    intros z [_ K] [_ K']. simpl in K, K'. lra. }
  assert (Both : Pr P (fun z => all false z /\ all true z) <= q ^ 2).
  { apply Rle_trans with ((1 - 2 * p) ^ N).
    - rewrite (Pr_ext _ P _ (fun z => forall s, (s < N)%nat -> ~ (one true (z s) \/ one false (z s)))).
      + apply (missed_by_all P N (2 * p) (fun s z => one true (z s) \/ one false (z s)));
          [lra|exact VB|].
        apply (power_independent (fun _ => 0) (fun _ => law) N
          (fun _ z => one true z \/ one false z)).
        intros s _. apply (ev_or _ (prob law)); apply V1.
      + intros z. unfold all. split.
        * intros [K1 K2] s Hs. specialize (K1 s Hs). specialize (K2 s Hs). tauto.
        * intros K. split; intros s Hs; specialize (K s Hs); tauto.
    - rewrite Eq, <- pow_mult, Nat.mul_comm, pow_mult. apply pow_incr. split; [lra|]. nra. }
  assert (X : forall z, all true z \/ all false z <-> half_missed w epsilon N z).
  { intros z. split; [intros [K|K]; [exists true|exists false]; exact K|].
    intros ([|] & K); [left|right]; exact K. }
  destruct (VM true) as [T QT], (VM false) as [F QF].
  split; [apply (ev_ext _ P _ _ X), ev_or; assumption|].
  rewrite <- (Pr_ext _ P _ _ X).
  rewrite (Pr_ext _ P _ (fun z => all true z \/ (all false z /\ ~ all true z)))
    by (intros z; destruct (classic (all true z)); tauto).
  rewrite Pr_add; [|exact T|apply ev_and; [exact F|apply ev_not, T]|tauto].
  pose proof (Pr_cases P _ _ F T) as C. rewrite QF in C. rewrite QT. lra.
Qed.

(** What that many samples leave. *)
Lemma left_by_count p t : 0 < p < 1 -> 0 <= t ->
  exp (- t - p * (t + 1) / (1 - p)) <= (1 - p) ^ nceil (t / p).
Proof.
  intros Hp Ht. set (N := nceil (t / p)).
  assert (HN : INR N * p <= t + p).
  { assert (Q : 0 <= t / p) by (apply Rdiv_le_0_compat; lra).
    pose proof (nceil_lt _ Q) as L. fold N in L.
    apply Rmult_lt_compat_r with (r := p) in L; [|lra].
    replace ((t / p + 1) * p) with (t + p) in L by (field; lra). lra. }
  eapply Rle_trans; [|apply pow_at_least; lra]. apply exp_le.
  apply Rmult_le_reg_r with (1 - p); [lra|].
  replace ((- t - p * (t + 1) / (1 - p)) * (1 - p)) with (- (t + p)) by (field; lra).
  replace (- (INR N * (p / (1 - p))) * (1 - p)) with (- (INR N * p)) by (field; lra). lra.
Qed.

(** The weight 1, with the [epsilon] for which a neuron fits with probability [p]. *)
Lemma hardest_weight p t delta q : 0 < p < / 4 -> 0 <= t ->
  q = exp (- t - p * (t + 1) / (1 - p)) -> q <= 1 -> delta < q * (2 - q) ->
  let N := nceil (t / p) in
  0 < 4 * sqrt p <= 2 /\ (4 * sqrt p) ^ 2 = 16 * p /\
  ev (neurons N) (half_missed 1 (4 * sqrt p) N) /\
  delta < Pr (neurons N) (half_missed 1 (4 * sqrt p) N).
Proof.
  intros Hp Ht Eq Q1 Hq N.
  assert (S2 : sqrt p * sqrt p = p) by (apply sqrt_sqrt; lra).
  assert (S0 : 0 < sqrt p) by (apply sqrt_lt_R0; lra).
  assert (S1 : sqrt p < / 2) by nra. set (r := sqrt p) in *.
  assert (Ep : (4 * r) ^ 2 = 16 * p) by (rewrite <- S2; ring).
  assert (Su : success 1 (4 * r) = p).
  { unfold success. rewrite Rabs_R1, Ep. replace (2 * (1 - 1) / (4 * r)) with 0 by (field; lra).
    rewrite Rmin_right by lra. field. }
  split; [lra|]. split; [exact Ep|].
  destruct (half_missed_often 1 (4 * r) N ((1 - p) ^ N)) as [V Q];
    [rewrite Rabs_R1; lra|lra|rewrite Su; reflexivity|].
  split; [exact V|]. eapply Rlt_le_trans; [|exact Q].
  pose proof (left_by_count p t ltac:(lra) Ht) as L. rewrite <- Eq in L. fold N in L.
  assert (U : (1 - p) ^ N <= 1 ^ N) by (apply pow_incr; lra). rewrite pow1 in U.
  set (y := (1 - p) ^ N) in *.
  assert (0 <= (y - q) * (2 - y - q)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma below_sixteen L : 0 < L < 16 -> exists w epsilon delta,
  Rabs w <= 1 /\ 0 < epsilon <= 2 /\ 0 < delta < 1 /\
  let N := nceil (L / epsilon ^ 2 * ln (2 / delta)) in
  ev (neurons N) (half_missed w epsilon N) /\ delta < Pr (neurons N) (half_missed w epsilon N).
Proof.
  intros HL. set (k := 1 - L / 16). assert (K : 0 < k < 1) by (unfold k; lra).
  set (s := 2 / k). assert (S : k * s = 2) by (unfold s; field; lra).
  assert (S2 : 2 < s) by nra. set (t := (1 - k) * s).
  assert (Et : t = s - 2) by (unfold t; lra).
  set (p := / (t + 4)). assert (Hp : p * (t + 4) = 1) by (unfold p; field; lra).
  assert (P : 0 < p < / 4)
    by (split; [apply Rinv_0_lt_compat; lra|apply Rinv_lt_contravar; lra]).
  set (delta := 2 * exp (- s)). pose proof (exp_pos (- s)) as E0.
  assert (D : 0 < delta < 1).
  { pose proof exp_m1. assert (exp (- s) < exp (-1)) by (apply exp_increasing; lra).
    unfold delta. lra. }
  assert (LD : ln (2 / delta) = s).
  { unfold delta. replace (2 / (2 * exp (- s))) with (/ exp (- s)) by (field; lra).
    rewrite <- exp_Ropp, Ropp_involutive. apply ln_exp. }
  set (x := p * (t + 1) / (1 - p)).
  assert (X : 0 <= x < 1).
  { split; [apply Rdiv_le_0_compat; [apply Rmult_le_pos; lra|lra]|].
    apply Rmult_lt_reg_r with (1 - p); [lra|].
    replace (x * (1 - p)) with (p * (t + 1)) by (unfold x; field; lra). lra. }
  set (q := exp (- t - x)).
  assert (Q1 : q <= 1) by (apply Rle_trans with (exp 0); [apply exp_le; lra|rewrite exp_0; lra]).
  assert (Q2 : delta < q).
  { apply Rlt_trans with (exp (- s + 1)); [|apply exp_increasing; lra].
    rewrite exp_plus. unfold delta. pose proof (exp_ineq1 1 ltac:(lra)). nra. }
  assert (Hq : delta < q * (2 - q)).
  { assert (q * 1 <= q * (2 - q)) by (apply Rmult_le_compat_l; lra). lra. }
  destruct (hardest_weight p t delta q P ltac:(lra) eq_refl Q1 Hq) as (E & Ep & Q).
  exists 1, (4 * sqrt p), delta. split; [rewrite Rabs_R1; lra|]. split; [exact E|]. split; [exact D|].
  replace (L / (4 * sqrt p) ^ 2 * ln (2 / delta)) with (t / p); [exact Q|].
  rewrite LD, Ep. unfold t, k. field. lra.
Qed.

Lemma below_two K : 0 < K < 2 -> exists w epsilon delta,
  Rabs w <= 1 /\ 0 < epsilon <= 2 /\ 0 < delta < 1 /\
  let N := nceil (16 / epsilon ^ 2 * ln (K / delta)) in
  ev (neurons N) (half_missed w epsilon N) /\ delta < Pr (neurons N) (half_missed w epsilon N).
Proof.
  intros HK. set (u := (2 - K) / 2). assert (U : 0 < u < 1) by (unfold u; lra).
  set (delta := K * u). assert (D : 0 < delta < 1) by (unfold delta, u; nra).
  assert (Ku : K / delta = / u) by (unfold delta; field; lra).
  set (t := ln (/ u)).
  assert (T : 0 < t).
  { unfold t. rewrite <- ln_1. apply ln_increasing; [lra|]. rewrite <- Rinv_1.
    apply Rinv_lt_contravar; lra. }
  assert (Et : exp (- t) = u).
  { unfold t. rewrite ln_Rinv, Ropp_involutive by lra. apply exp_ln. lra. }
  set (f := (2 + K) / (2 * K)).
  assert (F : f * (2 * K) = 2 + K) by (unfold f; field; lra). assert (F1 : 1 < f) by nra.
  set (g := ln f). assert (G : 0 < g) by (unfold g; rewrite <- ln_1; apply ln_increasing; lra).
  set (p := g / (4 * (t + 1 + g))).
  assert (Hp : p * (4 * (t + 1 + g)) = g) by (unfold p; field; lra).
  assert (P : 0 < p < / 4).
  { split; [apply Rdiv_lt_0_compat; lra|].
    apply Rmult_lt_reg_r with (4 * (t + 1 + g)); [lra|]. rewrite Hp. lra. }
  set (x := p * (t + 1) / (1 - p)).
  assert (X : 0 <= x < g).
  { split; [apply Rdiv_le_0_compat; [apply Rmult_le_pos; lra|lra]|].
    apply Rmult_lt_reg_r with (1 - p); [lra|].
    replace (x * (1 - p)) with (p * (t + 1)) by (unfold x; field; lra). lra. }
  set (r := exp (- x)).
  assert (R1 : r <= 1) by (apply Rle_trans with (exp 0); [apply exp_le; lra|rewrite exp_0; lra]).
  assert (R2 : 1 < r * f).
  { assert (R3 : exp (- g) < r) by (apply exp_increasing; lra).
    unfold g in R3. rewrite exp_Ropp, exp_ln in R3 by lra.
    apply Rmult_lt_compat_r with (r := f) in R3; [|lra]. rewrite Rinv_l in R3 by lra. exact R3. }
  assert (R0 : 0 < r) by apply exp_pos.
  set (q := exp (- t - x)).
  assert (Eq : q = u * r) by (unfold q, Rminus; rewrite exp_plus, Et; reflexivity).
  assert (Q1 : q <= u * 1) by (rewrite Eq; apply Rmult_le_compat_l; lra).
  assert (Hq : delta < q * (2 - q)).
  { apply Rlt_le_trans with (q * ((2 + K) / 2)).
    - rewrite Eq. replace (u * r * ((2 + K) / 2)) with (u * K * (r * f)) by (unfold f; field; lra).
      assert (0 < u * K) by (apply Rmult_lt_0_compat; lra).
      assert (u * K * 1 < u * K * (r * f)) by (apply Rmult_lt_compat_l; lra). unfold delta. lra.
    - apply Rmult_le_compat_l; [left; apply exp_pos|]. unfold u in Q1. lra. }
  destruct (hardest_weight p t delta q P ltac:(lra) eq_refl ltac:(lra) Hq) as (E & Ep & Q).
  exists 1, (4 * sqrt p), delta. split; [rewrite Rabs_R1; lra|]. split; [exact E|]. split; [exact D|].
  replace (16 / (4 * sqrt p) ^ 2 * ln (K / delta)) with (t / p); [exact Q|].
  rewrite Ku, Ep. fold t. field. lra.
Qed.

(** [malach-count] (whole): the rule accepts what [fits]. The two neurons are different ones but for
    [epsilon = 2], where one with [b = 0] may be both, with probability 0. With a number below 16 or 2 in its place there
    are a weight, an [epsilon] and a [delta] with which no neuron fits one of the two halves, with
    probability more than [delta]. *)
Theorem malach_count :
  (forall w epsilon delta, Rabs w <= 1 -> 0 < epsilon <= 2 -> 0 < delta < 1 ->
     let N := nceil (16 / epsilon ^ 2 * ln (2 / delta)) in
     let a := fun (z : nat -> nat -> R) s => uniform_weight (z s 0%nat) in
     let b := fun (z : nat -> nat -> R) s => uniform_weight (z s 1%nat) in
     exists good, ev (neurons N) good /\ 1 - delta <= Pr (neurons N) good /\ forall z, good z ->
     exists s1 s2, (s1 < N)%nat /\ (s2 < N)%nat /\ (epsilon < 2 -> s1 <> s2) /\ forall x,
       Rabs (a z s1 * relu (b z s1 * x) + a z s2 * relu (b z s2 * x) - w * x) <= epsilon * Rabs x) /\
  (forall L, 0 < L < 16 -> exists w epsilon delta,
     Rabs w <= 1 /\ 0 < epsilon <= 2 /\ 0 < delta < 1 /\
     let N := nceil (L / epsilon ^ 2 * ln (2 / delta)) in
     ev (neurons N) (half_missed w epsilon N) /\ delta < Pr (neurons N) (half_missed w epsilon N)) /\
  (forall K, 0 < K < 2 -> exists w epsilon delta,
     Rabs w <= 1 /\ 0 < epsilon <= 2 /\ 0 < delta < 1 /\
     let N := nceil (16 / epsilon ^ 2 * ln (K / delta)) in
     ev (neurons N) (half_missed w epsilon N) /\ delta < Pr (neurons N) (half_missed w epsilon N)).
Proof.
  split; [|split].
  - exact malach_count_enough.
  - exact below_sixteen.
  - exact below_two.
Qed.
