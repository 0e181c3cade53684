(** * Batch sampling (chapter _batch_sampling_)

    Chernoff's lower tail at one point of its parameter, and the two counts that follow from it. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical ClassicalEpsilon.
From GoldenTickets Require Import Sums Probability.
Open Scope R_scope.

Section Batch.
Context {Om : Type} (P : probability Om).

(** How many of the first [M] samples are in the category [A]. *)
Fixpoint hits (A : nat -> Om -> Prop) (M : nat) (o : Om) : nat :=
  match M with
  | O => O
  | S M => (hits A M o + if excluded_middle_informative (A M o) then 1 else 0)%nat
  end.

(** Each sample is independent of the number of hits before it. *)
Definition independent_trials (M : nat) (A : nat -> Om -> Prop) :=
  forall s m, (s < M)%nat ->
  Pr P (fun o => (hits A s o < m)%nat /\ A s o) = Pr P (fun o => (hits A s o < m)%nat) * Pr P (A s).

Lemma hits_S A M m o : (hits A (S M) o < S m)%nat <->
  ((hits A M o < S m)%nat /\ ~ A M o) \/ ((hits A M o < m)%nat /\ A M o).
Proof.
  simpl. destruct (excluded_middle_informative (A M o)); split; intros; lia || (intuition lia).
Qed.

Lemma ev_hits A M m : (forall s, (s < M)%nat -> ev P (A s)) ->
  ev P (fun o => (hits A M o < m)%nat).
Proof.
  revert m. induction M as [|M IH]; intros [|m] H.
  1, 3: apply (ev_ext _ P (fun _ => False)); [intros; lia|apply ev_false].
  - apply (ev_ext _ P (fun _ => True)); [simpl; intros; lia|apply ev_true].
  - eapply ev_ext; [intros o; symmetry; apply hits_S|].
    apply ev_or; apply ev_and; auto. apply ev_not; auto.
Qed.

(** One more sample. *)
Lemma Pr_hits_S A M m : (forall s, (s < S M)%nat -> ev P (A s)) -> independent_trials (S M) A ->
  Pr P (fun o => (hits A (S M) o < S m)%nat) =
  Pr P (fun o => (hits A M o < S m)%nat) * (1 - Pr P (A M)) +
  Pr P (fun o => (hits A M o < m)%nat) * Pr P (A M).
Proof.
  intros HA HI. rewrite (Pr_ext _ P _ _ (hits_S A M m)).
  assert (EA : ev P (A M)) by auto.
  assert (V : forall m, ev P (fun o => (hits A M o < m)%nat)) by (intros; apply ev_hits; auto).
  rewrite Pr_add; [|apply ev_and; [apply V|apply ev_not, EA]|apply ev_and; [apply V|exact EA]|tauto].
  rewrite (HI M m) by lia. pose proof (Pr_cases P _ _ (V (S m)) EA) as Y.
  pose proof (HI M (S m) ltac:(lia)) as X. cbv beta in X, Y. lra.
Qed.

Lemma exp_m1 : 0 < exp (-1) < 1 / 2.
Proof.
  split; [apply exp_pos|]. pose proof (exp_ineq1 1 ltac:(lra)).
  replace (exp (-1)) with (/ exp 1) by (rewrite <- exp_Ropp; f_equal; ring).
  pose proof (Rinv_lt_contravar 2 (exp 1) ltac:(nra) ltac:(lra)). lra.
Qed.

(** Chernoff's bound for [m] hits or fewer, at the parameter 1. *)
Lemma chernoff_at_one M c (A : nat -> Om -> Prop) : 0 <= c <= 1 ->
  (forall s, (s < M)%nat -> ev P (A s) /\ c <= Pr P (A s)) -> independent_trials M A ->
  forall m, Pr P (fun o => (hits A M o < S m)%nat) <= exp (INR m) * (1 - c * (1 - exp (-1))) ^ M.
Proof.
  intros Hc. pose proof exp_m1 as E1. set (q := 1 - c * (1 - exp (-1))).
  assert (Q : 0 < q <= 1) by (unfold q; nra).
  induction M as [|M IH]; intros H HI m.
  - simpl. rewrite (Pr_ext _ P _ (fun _ => True)) by (intros; lia). rewrite Pr_true.
    pose proof (exp_ineq1_le (INR m)). pose proof (pos_INR m). lra.
  - assert (IH' : forall m, Pr P (fun o => (hits A M o < S m)%nat) <= exp (INR m) * q ^ M).
    { apply IH; [intros; apply H; lia|]. intros s m' Hs. apply HI. lia. }
    rewrite Pr_hits_S; [|intros; apply H; lia|exact HI].
    destruct (H M ltac:(lia)) as [EA PA]. pose proof (Pr_le1 P (A M) EA) as PA1.
    set (p := Pr P (A M)) in *. set (K := exp (INR m)).
    assert (K0 : 0 < K) by apply exp_pos. assert (QM : 0 <= q ^ M) by (apply pow_le; lra).
    assert (I0 : Pr P (fun o => (hits A M o < m)%nat) <= K * exp (-1) * q ^ M).
    { destruct m as [|m].
      - rewrite (Pr_ext _ P _ (fun _ => False)) by (intros; lia). rewrite Pr_false.
        apply Rmult_le_pos; [apply Rmult_le_pos|]; lra.
      - replace (K * exp (-1)) with (exp (INR m)); [apply IH'|].
        unfold K. rewrite <- exp_plus. f_equal. rewrite S_INR. ring. }
    apply Rle_trans with (K * q ^ M * (1 - p * (1 - exp (-1)))).
    + pose proof (Rmult_le_compat_r (1 - p) _ _ ltac:(lra) (IH' m)) as A1. fold K in A1.
      pose proof (Rmult_le_compat_r p _ _ ltac:(lra) I0). lra.
    + simpl. replace (K * (q * q ^ M)) with (K * q ^ M * q) by ring.
      apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|]. unfold q. nra.
Qed.

Lemma ln_ratio_pos k delta : 1 <= k -> 0 < delta < 1 -> 0 < ln (k / delta).
Proof.
  intros Hk Hd. rewrite <- ln_1. apply ln_increasing; [lra|].
  apply Rmult_lt_reg_r with delta; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

End Batch.

(** With the constant e/(e - 1); that no smaller one will do is in the file [Best_leading]. *)
Lemma batch_lemma_leading {Om} (P : probability Om) k M m c delta (A : nat -> nat -> Om -> Prop) :
  (1 <= k)%nat -> (1 <= m)%nat -> 0 < c <= 1 -> 0 < delta < 1 ->
  (forall i s, (i < k)%nat -> (s < M)%nat -> ev P (A i s) /\ c <= Pr P (A i s)) ->
  (forall i, (i < k)%nat -> independent_trials P M (A i)) ->
  INR M >= exp 1 / (exp 1 - 1) * (/ c * (INR m - 1 + ln (INR k / delta))) ->
  Pr P (fun o => exists i, (i < k)%nat /\ (hits (A i) M o < m)%nat) <= delta.
Proof.
  intros Hk Hm Hc Hd HA HI HM. assert (K1 : 1 <= INR k) by (apply (le_INR 1); lia).
  destruct m as [|m]; [lia|]. rewrite S_INR in HM.
  eapply Rle_trans; [apply union_bound; intros i Hi; apply ev_hits; intros s Hs; apply HA; auto|].
  eapply Rle_trans.
  { apply sum_le. intros i Hi. apply chernoff_at_one with (c := c); [lra|intros; apply HA; auto|auto]. }
  rewrite sum_const. set (t := ln (INR k / delta)) in *. pose proof exp_m1 as E1.
  assert (E2 : exp 1 / (exp 1 - 1) = / (1 - exp (-1))).
  { assert (exp 1 <> 0) by (pose proof (exp_pos 1); lra).
    replace (exp (-1)) with (/ exp 1) by (rewrite <- exp_Ropp; f_equal; ring).
    field. pose proof (exp_ineq1 1 ltac:(lra)). lra. }
  rewrite E2 in HM. set (d := 1 - exp (-1)) in *. assert (D : 0 < d < 1) by (unfold d; lra).
  assert (MU : INR m + t <= c * d * INR M).
  { assert (INR m + t = c * d * (/ d * (/ c * (INR m + 1 - 1 + t)))) as -> by (field; lra).
    apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|lra]. }
  assert (B : exp (INR m) * (1 - c * d) ^ M <= exp (- t)).
  { apply Rle_trans with (exp (INR m) * exp (- (c * d) * INR M)).
    - apply Rmult_le_compat_l; [left; apply exp_pos|]. apply pow_le_exp. nra.
    - rewrite <- exp_plus. apply exp_le. lra. }
  apply Rmult_le_compat_l with (r := INR k) in B; [|lra]. eapply Rle_trans; [exact B|].
  unfold t. rewrite exp_Ropp, exp_ln by (apply Rdiv_lt_0_compat; lra). right. field. lra.
Qed.

(** [batch-lemma] (whole): for any number [M] of samples that is large enough. *)
Theorem batch_lemma {Om} (P : probability Om) k M m c delta (A : nat -> nat -> Om -> Prop) :
  (1 <= k)%nat -> 0 < c <= 1 -> 0 < delta < 1 ->
  (forall i s, (i < k)%nat -> (s < M)%nat -> ev P (A i s) /\ c <= Pr P (A i s)) ->
  (forall i, (i < k)%nat -> independent_trials P M (A i)) ->
  INR M >= 2 / c * (INR m + ln (INR k / delta)) ->
  Pr P (fun o => exists i, (i < k)%nat /\ (hits (A i) M o < m)%nat) <= delta.
Proof.
  intros Hk Hc Hd HA HI HM. destruct m as [|m].
  { rewrite (Pr_ext _ P _ (fun _ => False)) by (intros o; split; [intros (i & _ & H); lia|tauto]).
    rewrite Pr_false. lra. }
  apply batch_lemma_leading with (c := c); auto; [lia|].
  pose proof (exp_ineq1 1 ltac:(lra)) as E.
  assert (L : exp 1 / (exp 1 - 1) <= 2).
  { apply Rmult_le_reg_r with (exp 1 - 1); [lra|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l by lra. lra. }
  pose proof (ln_ratio_pos (INR k) delta ltac:(apply (le_INR 1); lia) Hd) as T.
  rewrite S_INR in *. pose proof (pos_INR m) as Pm.
  assert (0 < / c) by (apply Rinv_0_lt_compat; lra).
  set (t := ln (INR k / delta)) in *. apply Rle_ge.
  apply Rle_trans with (2 * (/ c * (INR m + 1 - 1 + t))).
  - apply Rmult_le_compat_r; [apply Rmult_le_pos; lra|exact L].
  - unfold Rdiv in HM. assert (/ c * (INR m + 1 - 1 + t) <= / c * (INR m + 1 + t)); [|lra].
    apply Rmult_le_compat_l; lra.
Qed.
