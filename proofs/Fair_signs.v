(** * Subset sums with random in-weights of either sign (chapter _subset_sum_)

    A neuron whose in-weight has the wrong sign is of no use for one half of the inputs: there its
    number is 0, which a subset may as well leave out. A density of at least [d] for the products of one
    sign is all that is needed, so no neuron has to be counted by its sign. *)

From Coq Require Import Reals Lra Psatz Lia Arith Bool Classical ClassicalEpsilon
  FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Malach Probability Network Budget Spaces Uniform Hyperbolic
  Ticket Main_theorem Subset_sum Subset_sum_network.
Open Scope R_scope.

(** What a neuron can do for one half of the inputs: its product, or nothing. *)
Definition useful (h : bool) (a b : R) : R := if Rlt_dec 0 (sgn h * b) then a * b else 0.

(** [subset-sum-layer] (part): a network whose in-weights may have either sign: every input with a
    weight that is not 0 owns [2 * M i] neurons, each of which may serve either half; [d i] is the least
    density of the products of one sign. More than the claim says. *)
Theorem subset_sum_network_signs {T} (z0 : T) (neuron : mean T) N M a b lambda norm_W A w_max s d m D
    eps_w epsilon delta :
  bounded_target N lambda norm_W A w_max D -> 0 < eps_w ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  (forall i o j h, inside N i o j ->
     0 < d i /\ spread (d i) (w_max i) (law_of neuron (fun z => useful h (a i o z) (b i j z)))) ->
  (forall i, (i < layers N)%nat -> 1 <= m i /\ beyond N eps_w i <= m i) -> 0 < delta < 1 ->
  (forall i, (i < layers N)%nat -> eps_w < w_max i ->
     INR (2 * M i) >= numbers_for (w_max i) (d i) eps_w (delta / (2 * INR (layers N) * m i))) ->
  unlikely z0 neuron (neurons_before N M (layers N)) (fun om => ~ exists mk, forall x, D x ->
    norm (width N (layers N)) (fun o =>
      ticket N shared (fun i => 2 * M i)%nat (network_of N M a (fun i j _ => b i j) om) mk (layers N) x o -
      target N (layers N) x o) <= epsilon) delta.
Proof.
  intros (Hl & HL & HW & HA & HV) He Hs HB HS Hm Hdl HM.
  assert (LL : 1 <= INR (layers N)) by (apply (le_INR 1); exact Hl).
  set (C := neurons_before N M (layers N)).
  set (sign_of := fun h => (h <? 1)%nat).
  set (X := fun i h o j (z : T) => useful (sign_of h) (a i o z) (b i j z)).
  (* a half [h] of a weight is missed *)
  set (half_missed := fun i h o j (om : nat -> T) => forall keep : nat -> bool,
    eps_w < Rabs (weight N i o j - sum (2 * M i) (fun t =>
      if keep t then X i h o j (om (place N M i j t)) else 0))).
  set (bad := fun i h om => exists o, (o < width N (S i))%nat /\ exists j, (j < reads N i)%nat /\
    eps_w < Rabs (weight N i o j) /\ half_missed i h o j om).
  assert (U : unlikely z0 neuron C
    (fun om => exists i, (i < layers N)%nat /\ exists h, (h < 2)%nat /\ bad i h om) delta).
  { eapply unlikely_less; [intros om H; exact H| |].
    2: { apply unlikely_sum with (delta := fun i => sum 2 (fun h => delta / (2 * INR (layers N)))).
      intros i Hi. apply unlikely_sum. intros h Hh. destruct (Hm i Hi) as [M1 M2].
      assert (Y : 1 <= INR (layers N) * m i) by nra.
      assert (Dm : 0 < delta / (2 * INR (layers N) * m i) < 1).
      { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_lt_reg_r with (2 * INR (layers N) * m i); [lra|].
        unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
      eapply unlikely_less; [intros om H; exact H| |
        apply (unlikely_entries z0 neuron C _ _ _ _ (delta / (2 * INR (layers N) * m i)))].
      - apply Rle_trans with (m i * (delta / (2 * INR (layers N) * m i))).
        + apply Rmult_le_compat_r; [lra|exact M2].
        + right. field. lra.
      - intros o j Ho Hj Z. specialize (HV i o j Hi).
        apply (weight_missed z0 neuron (fun _ => X i h o j) (fun t => place N M i j t) C
          (2 * M i) (weight N i o j) (w_max i) (d i)); auto.
        + apply (HS i o j true). repeat split; assumption.
        + intros t. apply HS. repeat split; assumption.
        + intros t Ht. apply place_lt; try assumption.
          rewrite (neurons_of_weight N M i o j eps_w) by (lra || assumption). exact Ht.
        + intros t t' H. unfold place. lia.
        + lra.
        + apply HM; [exact Hi|lra]. }
    rewrite sum_const. replace (sum 2 (fun _ => delta / (2 * INR (layers N)))) with
      (delta / INR (layers N)) by (simpl; field; lra). right. field. lra. }
  eapply unlikely_less; [|apply Rle_refl|exact U]. intros om NoTicket. apply NNPP. intros Good.
  apply NoTicket.
  apply (served_is_a_ticket N shared (fun i => 2 * M i)%nat
    (network_of N M a (fun i j _ => b i j) om) eps_w lambda norm_W A s); auto; [lra|].
  intros i o j Hi Ho Hj. set (w := weight N i o j).
  destruct (Rlt_dec eps_w (Rabs w)) as [Y|Y].
  - change (block_size _ N _ i _ j) with (neurons_of_input N M i j).
    rewrite (neurons_of_weight N M i o j eps_w) by (lra || assumption).
    set (out := fun t => a i o (om (place N M i j t))). set (inn := fun t => b i j (om (place N M i j t))).
    assert (H : forall h, (h < 2)%nat -> exists keep : nat -> bool,
      Rabs (sum (2 * M i) (fun t => if keep t then useful (sign_of h) (out t) (inn t) else 0) - w) <= eps_w).
    { intros h Hh. apply NNPP. intros K. apply Good. exists i. split; [exact Hi|]. exists h.
      split; [exact Hh|]. exists o. split; [exact Ho|]. exists j. split; [exact Hj|].
      split; [exact Y|]. intros keep. apply Rnot_le_lt. intros L. apply K. exists keep.
      rewrite Rabs_minus_sym. exact L. }
    (* only neurons with the right sign are kept *)
    assert (H' : forall h, (h < 2)%nat -> exists keep : nat -> bool,
      (forall t, keep t = true -> 0 < sgn (sign_of h) * inn t) /\
      Rabs (sum (2 * M i) (fun t => if keep t then out t * inn t else 0) - w) <= eps_w).
    { intros h Hh. destruct (H h Hh) as (keep & Q).
      exists (fun t => keep t && if Rlt_dec 0 (sgn (sign_of h) * inn t) then true else false). split.
      - intros t K. apply andb_true_iff in K. destruct K as [_ K].
        destruct (Rlt_dec 0 (sgn (sign_of h) * inn t)); [assumption|discriminate].
      - eapply Rle_trans; [right|exact Q]. do 2 f_equal. apply sum_ext. intros t _. unfold useful.
        destruct (keep t), (Rlt_dec 0 (sgn (sign_of h) * inn t)); reflexivity. }
    destruct (H' 0%nat ltac:(lia)) as (k1 & S1 & H1). destruct (H' 1%nat ltac:(lia)) as (k2 & S2 & H2).
    exists (fun t => k1 t || k2 t). apply two_halves; [| |exact H1|exact H2].
    + intros t K. specialize (S1 t K). simpl in S1. fold (inn t). change (0 < inn t). lra.
    + intros t K. specialize (S2 t K). simpl in S2. change (inn t < 0). lra.
  - exists (fun _ => false). intros y. rewrite sum_zero by (intros; ring). fold w.
    replace (0 - w * y) with (- (w * y)) by ring.
    rewrite Rabs_Ropp, Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|lra].
Qed.

(** ** Fair signs *)

(** The mean over [n] fair signs, one after another; the others are [false]. *)
Fixpoint over_signs (n : nat) (g : (nat -> bool) -> R) : R :=
  match n with
  | O => g (fun _ => false)
  | S n => / 2 * over_signs n (fun u => g (upd u n true)) +
           / 2 * over_signs n (fun u => g (upd u n false))
  end.

Lemma over_signs_lin n a b f g :
  over_signs n (fun u => a * f u + b * g u) = a * over_signs n f + b * over_signs n g.
Proof. revert f g. induction n as [|n IH]; intros f g; simpl; [reflexivity|]. rewrite !IH. ring. Qed.

Lemma over_signs_pos n f : (forall u, 0 <= f u) -> 0 <= over_signs n f.
Proof.
  revert f. induction n as [|n IH]; intros f H; simpl; [apply H|].
  pose proof (IH (fun u => f (upd u n true)) (fun u => H _)).
  pose proof (IH (fun u => f (upd u n false)) (fun u => H _)). lra.
Qed.

Lemma over_signs_const n c : over_signs n (fun _ => c) = c.
Proof. induction n as [|n IH]; simpl; [reflexivity|]. rewrite IH. lra. Qed.

(** Each of them is fair. *)
Lemma over_signs_one n j (f : bool -> R) : (j < n)%nat ->
  over_signs n (fun u => f (u j)) = / 2 * f true + / 2 * f false.
Proof.
  induction n as [|n IH]; intros Hj; [lia|]. simpl. unfold upd.
  destruct (Nat.eqb_spec j n) as [->|N].
  - rewrite !over_signs_const. reflexivity.
  - rewrite IH by lia. lra.
Qed.

(** [n] fair signs, and something else that is independent of them. *)
Definition with_signs {T} (n : nat) (m : mean T) : mean ((nat -> bool) * T).
Proof.
  refine {| E := fun f => over_signs n (fun u => E m (fun t => f (u, t)));
            dom := fun f => forall u, dom m (fun t => f (u, t)) |}.
  - intros u. apply dom_one.
  - intros a b f g Hf Hg u. apply (dom_lin m a b (fun t => f (u, t)) (fun t => g (u, t))); auto.
  - intros f g Hf Hg u. apply (dom_mult m (fun t => f (u, t)) (fun t => g (u, t))); auto.
  - rewrite E_one. apply over_signs_const.
  - intros a b f g Hf Hg. rewrite <- over_signs_lin. f_equal. extensionality u.
    apply (E_lin m a b (fun t => f (u, t)) (fun t => g (u, t))); auto.
  - intros f Hf H. apply over_signs_pos. intros u. apply E_pos; auto.
Defined.

(** A product with a fair sign: for either half, half of the density is left. *)
Lemma spread_with_sign {T} n j (m : mean T) (X : T -> R) d r h : (j < n)%nat -> 0 <= d ->
  (forall c, c = 1 \/ c = -1 -> spread d r (law_of m (fun t => X t * c))) ->
  spread (d / 2) r (law_of (with_signs n m) (fun z => useful h (X (snd z)) (sgn (fst z j)))).
Proof.
  intros Hj Hd HS.
  assert (V : forall u t, useful h (X t) (sgn u) = if Bool.eqb u h then X t * sgn u else 0).
  { intros u t. unfold useful. destruct (Rlt_dec 0 (sgn h * sgn u)), u, h; simpl in *; lra. }
  assert (Sg : forall u, sgn u = 1 \/ sgn u = -1) by (intros []; simpl; auto).
  assert (Eq : forall f u, (fun t => f (useful h (X t) (sgn u))) =
    (fun t => if Bool.eqb u h then f (X t * sgn u) else f 0 * 1)).
  { intros f u. extensionality t. rewrite V. destruct (Bool.eqb u h); [reflexivity|ring]. }
  split.
  - intros f Hf u. cbn [fst snd]. rewrite Eq. destruct (Bool.eqb (u j) h).
    + apply (proj1 (HS (sgn (u j)) (Sg (u j))) f Hf).
    + apply (dom_scal m (f 0) (fun _ => 1)), dom_one.
  - intros f Hf H. cbn [E law_of with_signs fst snd].
    rewrite (over_signs_one n j (fun v => E m (fun t => f (useful h (X t) (sgn v))))) by exact Hj.
    pose proof (proj2 (HS (sgn h) (Sg h)) f Hf H) as Q. cbn [E law_of] in Q.
    assert (Pos : forall v, 0 <= E m (fun t => f (useful h (X t) (sgn v)))).
    { intros v. apply E_pos; [|auto]. rewrite Eq. destruct (Bool.eqb v h).
      - apply (proj1 (HS (sgn v) (Sg v)) f Hf).
      - apply (dom_scal m (f 0) (fun _ => 1)), dom_one. }
    assert (Y : E m (fun t => f (useful h (X t) (sgn h))) = E m (fun t => f (X t * sgn h))).
    { rewrite Eq, Bool.eqb_reflx. reflexivity. }
    pose proof (Pos true) as P1. pose proof (Pos false) as P0. destruct h; lra.
Qed.

(** [subset-sum-layer] (part): the network of the theorem before, with uniform out-weights, in-weights
    of fair signs, and the logarithmic form of [budget-logarithm]: all weights are independent.
    [n_in] and [n] are the largest numbers of inputs and of outputs of a layer, and [m] of its non-zero
    weights, or more; every input with such a weight owns [2 M] neurons. *)
Theorem subset_sum_network_fair N lambda norm_W A r (Hr : 0 < r) s lambda_max A_max s_max n_in n m D
    epsilon delta :
  bounded_target N lambda norm_W A (fun _ => r) D ->
  budget_inputs N lambda norm_W A s lambda_max A_max s_max ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  (forall i, (i < layers N)%nat -> (width N (S i) <= n)%nat /\ (reads N i <= n_in)%nat) ->
  1 <= m -> (forall i, (i < layers N)%nat -> nonzero N i <= m) ->
  0 < epsilon -> 0 < delta < 1 ->
  let l := layers N in
  let eps_w := / (INR l * lambda_max * s_max) * ln (1 + epsilon / (A_max * growth lambda norm_W l)) in
  let M := fun _ : nat => nceil (ln (2 * INR l * m / delta *
    ((2 * r / eps_w - 1) * (4 * r / eps_w - 1))) / (2 * ln (8 / 7))) in
  let a := fun (_ o : nat) (z : (nat -> bool) * (nat -> R)) => snd z o in
  let b := fun (_ j : nat) (z : (nat -> bool) * (nat -> R)) => sgn (fst z j) in
  let neuron := with_signs n_in (independent (uniform_between r Hr) (uniform_means r Hr) n) in
  unlikely (fun _ => false, fun _ => 0) neuron (neurons_before N M l) (fun om => ~ exists mk, forall x, D x ->
    norm (width N l) (fun o =>
      ticket N shared (fun i => 2 * M i)%nat (network_of N M a (fun i j _ => b i j) om) mk l x o -
      target N l x o) <= epsilon) delta.
Proof.
  intros HT HB Hs Hn Hm Hc He Hdl l eps_w M a b neuron.
  destruct (budget_logarithm N lambda norm_W A s lambda_max A_max s_max HB) as [_ B].
  destruct (B epsilon He) as [E0 B1]. fold l in E0, B1. fold eps_w in E0, B1.
  assert (LL : 1 <= INR l) by (apply (le_INR 1); apply HB).
  assert (R4 : 0 < / (4 * r)) by (apply Rinv_0_lt_compat; lra).
  apply (subset_sum_network_signs (fun _ => false, fun _ => 0) neuron N M a b lambda norm_W A
    (fun _ => r) s (fun _ => / (4 * r) / 2) (fun _ => m) D eps_w epsilon delta HT E0 Hs B1);
    [| |exact Hdl|].
  - intros i o j h (Hi & Ho & Hj). destruct (Hn i Hi) as [N1 N2]. split; [lra|].
    apply (spread_with_sign n_in j (independent (uniform_between r Hr) (uniform_means r Hr) n)
      (fun w => w o) (/ (4 * r)) r h); [lia|lra|]. intros c Hc1.
    apply (spread_of_coordinate (uniform_between r Hr) (uniform_means r Hr) n o (/ (4 * r)) r c);
      [lia|exact Hc1|apply uniform_spread].
  - intros i Hi. split; [exact Hm|]. eapply Rle_trans; [apply beyond_le_nonzero; lra|auto].
  - intros i Hi _. apply Rle_ge. unfold numbers_for, M.
    replace (/ (delta / (2 * INR (layers N) * m))) with (2 * INR l * m / delta)
      by (unfold l in *; field; lra).
    replace (/ (1 - 2 * r * (/ (4 * r) / 2) / 2)) with (8 / 7) by (field; lra).
    assert (0 < ln (8 / 7)) by (rewrite <- ln_1; apply ln_increasing; lra).
    rewrite mult_INR. change (INR 2) with 2.
    set (x := ln _). replace (x / ln (8 / 7)) with (2 * (x / (2 * ln (8 / 7)))) by (field; lra).
    apply Rmult_le_compat_l; [lra|]. apply nceil_ge.
Qed.
