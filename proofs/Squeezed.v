(** * Sets between events

    A curve bounds no finite union of boxes. So we add to the events of a probability all sets that
    lie between two events whose probabilities are as close as one likes, as Peano and Jordan did for
    areas. What comes out is a probability again, and on the old events the same. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical.
From GoldenTickets Require Import Sums Probability.
Open Scope R_scope.

Section Squeezed.
Context {Om : Type} (P : probability Om).

Definition between (B A C : Om -> Prop) : Prop :=
  ev P B /\ ev P C /\ (forall o, B o -> A o) /\ (forall o, A o -> C o).

Definition squeezed (A : Om -> Prop) : Prop := forall eta, 0 < eta ->
  exists B C, between B A C /\ Pr P C - Pr P B <= eta.

(** The probability of a set: the least upper bound of those of the events in it. *)
Definition inner (A : Om -> Prop) (p : R) : Prop :=
  exists B, ev P B /\ (forall o, B o -> A o) /\ p = Pr P B.

Lemma inner_bound A : bound (inner A).
Proof. exists 1. intros p (B & V & _ & ->). apply Pr_le1, V. Qed.

Lemma inner_some A : exists p, inner A p.
Proof.
  exists (Pr P (fun _ => False)), (fun _ => False). split; [apply ev_false|]. split; [tauto|reflexivity].
Qed.

Definition inner_probability (A : Om -> Prop) : R :=
  proj1_sig (completeness (inner A) (inner_bound A) (inner_some A)).

Lemma inner_probability_lub A : is_lub (inner A) (inner_probability A).
Proof. unfold inner_probability. destruct (completeness _ _ _). assumption. Qed.

Lemma between_bounds B A C : between B A C -> Pr P B <= inner_probability A <= Pr P C.
Proof.
  intros (VB & VC & HB & HC). destruct (inner_probability_lub A) as [U L]. split.
  - apply U. exists B. auto.
  - apply L. intros p (B' & V & H & ->). apply Pr_mono; auto.
Qed.

Lemma equal_if_close x y : (forall eta, 0 < eta -> Rabs (x - y) <= eta) -> x = y.
Proof.
  intros H. destruct (Req_dec x y) as [|N]; [assumption|].
  assert (0 < Rabs (x - y)) by (apply Rabs_pos_lt; lra). specialize (H (Rabs (x - y) / 2) ltac:(lra)). lra.
Qed.

(** A number that always lies between the two is the probability. *)
Lemma inner_probability_is A p :
  (forall eta, 0 < eta ->
     exists B C, between B A C /\ Pr P C - Pr P B <= eta /\ Pr P B <= p <= Pr P C) ->
  squeezed A /\ inner_probability A = p.
Proof.
  intros H. split.
  - intros eta He. destruct (H eta He) as (B & C & S & D & _). exists B, C. auto.
  - apply equal_if_close. intros eta He. destruct (H eta He) as (B & C & S & D & Q).
    apply between_bounds in S. apply Rabs_le. lra.
Qed.

Lemma event_is_squeezed A : ev P A -> squeezed A /\ inner_probability A = Pr P A.
Proof.
  intros V. apply inner_probability_is. intros eta He. exists A, A. split; [|lra].
  split; [exact V|]. split; [exact V|]. split; auto.
Qed.

Lemma Pr_le_more B C : ev P B -> ev P C -> (forall o, B o -> C o) ->
  Pr P (fun o => C o /\ ~ B o) = Pr P C - Pr P B.
Proof.
  intros VB VC H. rewrite (Pr_cases P C B VC VB).
  rewrite (Pr_ext _ P (fun o => C o /\ B o) B) by (intros o; specialize (H o); tauto). lra.
Qed.

(** Squeezing both of two sets squeezes their union. *)
Lemma between_or B1 A1 C1 B2 A2 C2 : between B1 A1 C1 -> between B2 A2 C2 ->
  between (fun o => B1 o \/ B2 o) (fun o => A1 o \/ A2 o) (fun o => C1 o \/ C2 o) /\
  Pr P (fun o => C1 o \/ C2 o) - Pr P (fun o => B1 o \/ B2 o) <=
  (Pr P C1 - Pr P B1) + (Pr P C2 - Pr P B2).
Proof.
  intros (V1 & W1 & L1 & U1) (V2 & W2 & L2 & U2).
  assert (VB : ev P (fun o => B1 o \/ B2 o)) by (apply ev_or; assumption).
  assert (VC : ev P (fun o => C1 o \/ C2 o)) by (apply ev_or; assumption).
  assert (X1 : ev P (fun o => C1 o /\ ~ B1 o)) by (apply ev_and; [|apply ev_not]; assumption).
  assert (X2 : ev P (fun o => C2 o /\ ~ B2 o)) by (apply ev_and; [|apply ev_not]; assumption).
  split; [split; [exact VB|split; [exact VC|split; intros o; specialize (L1 o); specialize (L2 o);
    specialize (U1 o); specialize (U2 o); tauto]]|].
  rewrite <- (Pr_le_more B1 C1), <- (Pr_le_more B2 C2) by auto.
  rewrite <- Pr_le_more by (try assumption; intros o [K|K]; auto).
  eapply Rle_trans; [|apply Pr_or; assumption].
  apply Pr_mono; [apply ev_and; [exact VC|apply ev_not, VB]|apply ev_or; assumption|].
  intros o. tauto.
Qed.

(** The events and the sets between them, with their probabilities. *)
Definition completed : probability Om.
Proof.
  refine {| ev := squeezed; Pr := inner_probability |}.
  - intros A A' H HA eta He. destruct (HA eta He) as (B & C & (V1 & V2 & L & U) & D).
    exists B, C. split; [|exact D]. split; [exact V1|]. split; [exact V2|].
    split; intros o K; [apply H; auto|apply U, H, K].
  - assert (Le : forall A A' : Om -> Prop, (forall o, A o -> A' o) ->
      inner_probability A <= inner_probability A').
    { intros A A' H. destruct (inner_probability_lub A) as [_ LA].
      destruct (inner_probability_lub A') as [UA _]. apply LA. intros p (B & V & L & E). apply UA.
      exists B. split; [exact V|]. split; [auto|exact E]. }
    intros A A' H. apply Rle_antisym; apply Le; intros o; apply H.
  - intros A HA eta He. destruct (HA eta He) as (B & C & (V1 & V2 & L & U) & D).
    exists (fun o => ~ C o), (fun o => ~ B o). split.
    + split; [apply ev_not, V2|]. split; [apply ev_not, V1|].
      split; intros o K; specialize (L o); specialize (U o); tauto.
    + rewrite !Pr_not by assumption. lra.
  - intros A1 A2 H1 H2 eta He. destruct (H1 (eta / 2) ltac:(lra)) as (B1 & C1 & S1 & D1).
    destruct (H2 (eta / 2) ltac:(lra)) as (B2 & C2 & S2 & D2).
    destruct (between_or _ _ _ _ _ _ S1 S2) as [S D].
    exists (fun o => B1 o \/ B2 o), (fun o => C1 o \/ C2 o). split; [exact S|lra].
  - apply event_is_squeezed, ev_true.
  - destruct (event_is_squeezed (fun _ => True) (ev_true _ P)) as [_ Q]. rewrite Q. apply Pr_true.
  - intros A HA. destruct (HA 1 ltac:(lra)) as (B & C & S & _). pose proof (between_bounds _ _ _ S).
    pose proof (Pr_pos _ P B (proj1 S)). lra.
  - intros A1 A2 H1 H2 Dis. apply equal_if_close. intros eta He.
    destruct (H1 (eta / 2) ltac:(lra)) as (B1 & C1 & S1 & D1).
    destruct (H2 (eta / 2) ltac:(lra)) as (B2 & C2 & S2 & D2).
    destruct (between_or _ _ _ _ _ _ S1 S2) as [S _]. apply between_bounds in S.
    pose proof (between_bounds _ _ _ S1). pose proof (between_bounds _ _ _ S2).
    destruct S1 as (V1 & W1 & L1 & U1), S2 as (V2 & W2 & L2 & U2).
    pose proof (Pr_or P C1 C2 W1 W2).
    rewrite (Pr_add _ P B1 B2 V1 V2) in S by (intros o K1 K2; apply (Dis o); auto).
    apply Rabs_le. lra.
Defined.
End Squeezed.
