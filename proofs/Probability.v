(** * Probability (chapter _toolbox_)

    A probability is non-negative, additive and 1 in all, on an algebra of events. That is all that
    the proofs use: they need no countable additivity, so every probability space is one of these. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical.
From GoldenTickets Require Import Sums.
Open Scope R_scope.

Record probability (Om : Type) := {
  ev : (Om -> Prop) -> Prop;  (* which sets of outcomes are events *)
  Pr : (Om -> Prop) -> R;
  ev_ext : forall A B, (forall o, A o <-> B o) -> ev A -> ev B;
  Pr_ext : forall A B, (forall o, A o <-> B o) -> Pr A = Pr B;
  ev_not : forall A, ev A -> ev (fun o => ~ A o);
  ev_or : forall A B, ev A -> ev B -> ev (fun o => A o \/ B o);
  ev_true : ev (fun _ => True);
  Pr_true : Pr (fun _ => True) = 1;
  Pr_pos : forall A, ev A -> 0 <= Pr A;
  Pr_add : forall A B, ev A -> ev B -> (forall o, A o -> B o -> False) ->
           Pr (fun o => A o \/ B o) = Pr A + Pr B }.
Arguments ev {Om}. Arguments Pr {Om}.

Section Facts.
Context {Om : Type} (P : probability Om).

Lemma ev_and A B : ev P A -> ev P B -> ev P (fun o => A o /\ B o).
Proof.
  intros HA HB. apply (ev_ext _ P (fun o => ~ (~ A o \/ ~ B o))); [intros; tauto|].
  apply ev_not, ev_or; apply ev_not; assumption.
Qed.

Lemma ev_false : ev P (fun _ => False).
Proof. apply (ev_ext _ P (fun _ => ~ True)); [tauto|]. apply ev_not, ev_true. Qed.

Lemma Pr_not A : ev P A -> Pr P (fun o => ~ A o) = 1 - Pr P A.
Proof.
  intros H. rewrite <- (Pr_true _ P).
  rewrite (Pr_ext _ P (fun _ => True) (fun o => A o \/ ~ A o)) by (intros; tauto).
  rewrite Pr_add; [lra|assumption|apply ev_not; assumption|tauto].
Qed.

Lemma Pr_false : Pr P (fun _ => False) = 0.
Proof.
  rewrite (Pr_ext _ P _ (fun _ => ~ True)) by tauto. rewrite Pr_not by apply ev_true.
  rewrite Pr_true. lra.
Qed.

Lemma Pr_mono A B : ev P A -> ev P B -> (forall o, A o -> B o) -> Pr P A <= Pr P B.
Proof.
  intros HA HB H.
  rewrite (Pr_ext _ P B (fun o => A o \/ (B o /\ ~ A o)))
    by (intros o; specialize (H o); tauto).
  assert (C : ev P (fun o => B o /\ ~ A o)) by (apply ev_and; [|apply ev_not]; assumption).
  rewrite Pr_add; [|assumption|assumption|tauto]. pose proof (Pr_pos _ P _ C). lra.
Qed.

(** Inside [A], [B] holds or not. *)
Lemma Pr_cases A B : ev P A -> ev P B ->
  Pr P A = Pr P (fun o => A o /\ B o) + Pr P (fun o => A o /\ ~ B o).
Proof.
  intros HA HB. rewrite <- Pr_add;
    [apply Pr_ext; intros; tauto|apply ev_and; assumption| |tauto].
  apply ev_and; [|apply ev_not]; assumption.
Qed.

Lemma Pr_or A B : ev P A -> ev P B -> Pr P (fun o => A o \/ B o) <= Pr P A + Pr P B.
Proof.
  intros HA HB.
  assert (HC : ev P (fun o => B o /\ ~ A o)) by (apply ev_and; [|apply ev_not]; assumption).
  rewrite (Pr_ext _ P _ (fun o => A o \/ (B o /\ ~ A o))) by (intros; tauto).
  rewrite Pr_add; [|assumption|assumption|tauto].
  assert (Pr P (fun o => B o /\ ~ A o) <= Pr P B) by (apply Pr_mono; tauto). lra.
Qed.

Lemma Pr_le1 A : ev P A -> Pr P A <= 1.
Proof.
  intros H. rewrite <- (Pr_true _ P). apply Pr_mono; [assumption|apply ev_true|tauto].
Qed.

(** ** The union bound *)

Lemma ex_S n (A : nat -> Prop) :
  (exists i, (i < S n)%nat /\ A i) <-> (exists i, (i < n)%nat /\ A i) \/ A n.
Proof.
  split.
  - intros (i & Hi & HA). destruct (Nat.eq_dec i n) as [->|]; [right; exact HA|].
    left. exists i. split; [lia|exact HA].
  - intros [(i & Hi & HA)|HA]; [exists i|exists n]; split; auto; lia.
Qed.

Lemma ev_ex n (A : nat -> Om -> Prop) : (forall i, (i < n)%nat -> ev P (A i)) ->
  ev P (fun o => exists i, (i < n)%nat /\ A i o).
Proof.
  induction n as [|n IH]; intros H.
  - apply (ev_ext _ P (fun _ => False)); [|apply ev_false].
    intros o; split; [tauto|intros (i & Hi & _); lia].
  - eapply ev_ext; [intros o; symmetry; apply (ex_S n (fun i => A i o))|].
    apply ev_or; [apply IH; auto|auto].
Qed.

End Facts.

(** [union-bound] (whole): events are counted from 0. *)
Theorem union_bound {Om} (P : probability Om) n (A : nat -> Om -> Prop) :
  (forall i, (i < n)%nat -> ev P (A i)) ->
  Pr P (fun o => exists i, (i < n)%nat /\ A i o) <= sum n (fun i => Pr P (A i)).
Proof.
  induction n as [|n IH]; intros H.
  - rewrite (Pr_ext _ P _ (fun _ => False)); [rewrite Pr_false; simpl; lra|].
    intros o; split; [intros (i & Hi & _); lia|tauto].
  - rewrite (Pr_ext _ P _ _ (fun o => ex_S n (fun i => A i o))).
    eapply Rle_trans; [apply Pr_or; [apply ev_ex; auto|auto]|].
    rewrite sum_S. apply Rplus_le_compat_r. auto.
Qed.

Section Collector.
Context {Om : Type} (P : probability Om).

Lemma ev_all n (A : nat -> Om -> Prop) : (forall i, (i < n)%nat -> ev P (A i)) ->
  ev P (fun o => forall i, (i < n)%nat -> A i o).
Proof.
  intros H. apply (ev_ext _ P (fun o => ~ exists i, (i < n)%nat /\ ~ A i o)).
  - intros o; split.
    + intros K i Hi. apply NNPP. intros N. apply K. exists i. auto.
    + intros K (i & Hi & N). auto.
  - apply ev_not, ev_ex. intros. apply ev_not. auto.
Qed.

(** ** The coupon collector *)

Fixpoint prod (n : nat) (f : nat -> R) : R := match n with O => 1 | S m => prod m f * f m end.

(** The trials [A 0], ..., [A (M - 1)] fail independently. *)
Definition independent_misses (M : nat) (A : nat -> Om -> Prop) :=
  Pr P (fun o => forall s, (s < M)%nat -> ~ A s o) = prod M (fun s => Pr P (fun o => ~ A s o)).

Lemma prod_le_pow M f q : (forall s, (s < M)%nat -> 0 <= f s <= q) -> 0 <= prod M f <= q ^ M.
Proof.
  induction M as [|M IH]; intros H; simpl; [lra|].
  assert (0 <= prod M f <= q ^ M) by auto. assert (0 <= f M <= q) by auto. nra.
Qed.

Lemma pow_le_exp c M : 0 <= c <= 1 -> (1 - c) ^ M <= exp (- c * INR M).
Proof.
  intros Hc. induction M as [|M IH]; [simpl; rewrite Rmult_0_r, exp_0; lra|].
  rewrite S_INR. replace (- c * (INR M + 1)) with (- c * INR M + - c) by ring.
  rewrite exp_plus. simpl. pose proof (exp_ineq1_le (- c)). pose proof (exp_pos (- c * INR M)).
  assert (0 <= (1 - c) ^ M) by (apply pow_le; lra). nra.
Qed.

Lemma missed_by_all M c (A : nat -> Om -> Prop) : 0 <= c <= 1 ->
  (forall s, (s < M)%nat -> ev P (A s) /\ c <= Pr P (A s)) ->
  independent_misses M A -> Pr P (fun o => forall s, (s < M)%nat -> ~ A s o) <= (1 - c) ^ M.
Proof.
  intros Hc HA HI. rewrite HI. apply prod_le_pow. intros s Hs. destruct (HA s Hs) as [HE Hp].
  rewrite Pr_not by auto. pose proof (Pr_le1 P (A s) HE). lra.
Qed.

Lemma exp_le x y : x <= y -> exp x <= exp y.
Proof. intros [H|H]; [left; apply exp_increasing, H|right; now rewrite H]. Qed.

Lemma enough_samples M c K d : 0 < c <= 1 -> 0 < K -> 0 < d ->
  INR M >= / c * ln (K / d) -> K * (1 - c) ^ M <= d.
Proof.
  intros Hc HK Hd HM. assert (E : (1 - c) ^ M <= d / K).
  - eapply Rle_trans; [apply pow_le_exp; lra|].
    replace (d / K) with (exp (- ln (K / d))).
    + apply exp_le. replace (ln (K / d)) with (c * (/ c * ln (K / d))) by (field; lra). nra.
    + rewrite exp_Ropp, exp_ln; [field; lra|]. apply Rdiv_lt_0_compat; assumption.
  - apply Rmult_le_compat_l with (r := K) in E; [|lra].
    replace (K * (d / K)) with d in E by (field; lra). exact E.
Qed.

End Collector.

(** [coupon-collector] (whole): for any number [M] of trials that is large enough. *)
Theorem coupon_collector {Om} (P : probability Om) k M c delta (A : nat -> nat -> Om -> Prop) :
  0 < c <= 1 -> 0 < delta -> (1 <= k)%nat ->
  (forall i s, (i < k)%nat -> (s < M)%nat -> ev P (A i s) /\ c <= Pr P (A i s)) ->
  (forall i, (i < k)%nat -> independent_misses P M (A i)) ->
  (forall i, (i < k)%nat -> Pr P (fun o => forall s, (s < M)%nat -> ~ A i s o) <=
     (1 - c) ^ M <= exp (- c * INR M)) /\
  (INR M >= / c * ln (INR k / delta) ->
   Pr P (fun o => exists i, (i < k)%nat /\ forall s, (s < M)%nat -> ~ A i s o) <= delta).
Proof.
  intros Hc Hd Hk HA HI.
  assert (X : forall i, (i < k)%nat ->
    Pr P (fun o => forall s, (s < M)%nat -> ~ A i s o) <= (1 - c) ^ M)
    by (intros i Hi; apply missed_by_all; auto; lra).
  split.
  - intros i Hi. split; [auto|apply pow_le_exp; lra].
  - intros HM. eapply Rle_trans; [apply union_bound|].
    + intros i Hi. apply ev_all. intros s Hs. apply ev_not. apply HA; auto.
    + eapply Rle_trans; [apply sum_le with (g := fun _ => (1 - c) ^ M); exact X|].
      rewrite sum_const. apply enough_samples; auto. apply lt_0_INR. lia.
Qed.
