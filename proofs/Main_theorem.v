(** * The main theorem (chapter _main_theorem_)

    The random network is made of uniform numbers: in-weights are fair signs, out-weights have a fair
    sign and a hyperbolic magnitude, and all of them are independent. *)

From Coq Require Import Reals Lra Psatz Lia Arith ClassicalEpsilon.
From GoldenTickets Require Import Sums Golden_ratio Probability Network Budget Spaces Uniform
  Hyperbolic Ticket.
Open Scope R_scope.

(** ** Spaces of neurons *)

(** Independent neurons, each made of independent uniform numbers: layer, block, input, sample,
    number. A block that serves no weight has no neurons. *)
Definition outcome := nat -> nat -> nat -> nat -> nat -> R.

Section Space.
Variables (N : network) (lay : layout) (M : nat -> nat) (numbers : nat -> nat).

Definition neuron_law (i : nat) : mean (nat -> R) := power 0 (fun _ => uniform) (numbers i).
Definition samples_law (i r j : nat) : mean (nat -> nat -> R) :=
  power (fun _ => 0) (fun _ => neuron_law i) (block_size lay N M i r j).
Definition inputs_law (i r : nat) : mean (nat -> nat -> nat -> R) :=
  power (fun _ _ => 0) (samples_law i r) (reads N i).
Definition layer_law (i : nat) : mean (nat -> nat -> nat -> nat -> R) :=
  power (fun _ _ _ => 0) (inputs_law i) (blocks lay N i).
Definition network_law : mean outcome := power (fun _ _ _ _ => 0) layer_law (layers N).
Definition space : probability outcome := prob network_law.

(** An event of one neuron has its probability in the whole space. *)
Lemma neuron_event i r j s (A : (nat -> R) -> Prop) :
  (i < layers N)%nat -> (r < blocks lay N i)%nat -> (j < reads N i)%nat ->
  (s < block_size lay N M i r j)%nat ->
  ev (prob (neuron_law i)) A ->
  ev space (fun om => A (om i r j s)) /\
  Pr space (fun om => A (om i r j s)) = Pr (prob (neuron_law i)) A.
Proof.
  intros Hi Hr Hj Hs HA.
  destruct (ev_coordinate (fun _ => 0) (fun _ => neuron_law i) (block_size lay N M i r j) s A Hs HA)
    as [V1 P1].
  destruct (ev_coordinate (fun _ _ => 0) (samples_law i r) (reads N i) j
    (fun w => A (w s)) Hj V1) as [V2 P2].
  destruct (ev_coordinate (fun _ _ _ => 0) (inputs_law i) (blocks lay N i) r
    (fun w => A (w j s)) Hr V2) as [V3 P3].
  destruct (ev_coordinate (fun _ _ _ _ => 0) layer_law (layers N) i
    (fun w => A (w r j s)) Hi V3) as [V4 P4].
  split; [exact V4|]. etransitivity; [exact P4|]. etransitivity; [exact P3|].
  etransitivity; [exact P2|exact P1].
Qed.

(** Neurons of one block are independent. *)
Lemma neurons_independent i r j (A : nat -> (nat -> R) -> Prop) :
  (i < layers N)%nat -> (r < blocks lay N i)%nat -> (j < reads N i)%nat ->
  let m := block_size lay N M i r j in
  (forall s, (s < m)%nat -> ev (prob (neuron_law i)) (A s)) ->
  independent_misses space m (fun s om => A s (om i r j s)).
Proof.
  intros Hi Hr Hj m HA.
  pose proof (power_independent (fun _ => 0) (fun _ => neuron_law i) m A HA) as Q.
  assert (V0 : ev (prob (samples_law i r j)) (fun w => forall s, (s < m)%nat -> ~ A s (w s))).
  { apply ev_all. intros s Hs. apply ev_not.
    apply (ev_coordinate (fun _ => 0) (fun _ => neuron_law i) m s (A s) Hs), HA, Hs. }
  destruct (ev_coordinate (fun _ _ => 0) (samples_law i r) (reads N i) j _ Hj V0) as [V2 P2].
  destruct (ev_coordinate (fun _ _ _ => 0) (inputs_law i) (blocks lay N i) r _ Hr V2)
    as [V3 P3].
  destruct (ev_coordinate (fun _ _ _ _ => 0) layer_law (layers N) i _ Hi V3) as [V4 P4].
  unfold independent_misses. etransitivity; [exact P4|]. etransitivity; [exact P3|].
  etransitivity; [exact P2|]. etransitivity; [exact Q|]. apply prod_ext. intros s Hs.
  pose proof (HA s Hs) as Vs.
  assert (Vn : ev (prob (neuron_law i)) (fun w => ~ A s w)) by (apply ev_not, Vs).
  destruct (neuron_event i r j s _ Hi Hr Hj Hs Vn) as [_ P5].
  etransitivity; [|symmetry; exact P5].
  apply (ev_coordinate (fun _ => 0) (fun _ => neuron_law i) m s _ Hs Vn).
Qed.
End Space.

(** ** The hyperbolic network *)

(** A neuron of layer [i] takes one number for each in-weight, two for each out-weight. *)
Definition weights_of_neuron (N : network) (i : nat) : nat := (reads N i + 2 * width N (S i))%nat.

(** G of the book: [w_max i] and [k i] belong to the layer. *)
Definition hyperbolic (N : network) (gamma : R) (w_max : nat -> R) (k : nat -> nat)
    (om : outcome) : draw :=
  {| in_weight := fun i r j s j' => sign (om i r j s j');
     out_weight := fun i r j s o =>
       sign (om i r j s (reads N i + 2 * o)%nat) *
       out_magnitude gamma (w_max i) (k i) (om i r j s (reads N i + 2 * o + 1)%nat) |}.

Definition hyperbolic_space (N : network) (lay : layout) (M : nat -> nat) : probability outcome :=
  space N lay M (weights_of_neuron N).

Lemma sgn_square h : sgn h * sgn h = 1.
Proof. destruct h; simpl; ring. Qed.

(** A sample is in a category if two signs and one segment are right. *)
Lemma category_of_signs gamma w_max w h d k u v x : 1 < gamma -> 0 < w_max -> (1 <= k)%nat -> w <> 0 ->
  sign u = sgn h -> sign v = sgn (if Rlt_dec 0 w then h else negb h) ->
  w_max * / gamma ^ (d + 2) <= out_magnitude gamma w_max k x < w_max * / gamma ^ (d + 1) ->
  category gamma w_max w h d (sign v * out_magnitude gamma w_max k x) (sign u).
Proof.
  intros Hg Hw Hk Hz Hu Hv Hx. unfold category. rewrite Hu, Hv.
  pose proof (magnitude_pos (w_max * / gamma ^ (k + 1)) (w_max * / gamma) x
    (proj1 (hyperbolic_range gamma w_max k Hg Hw Hk))) as P.
  fold (out_magnitude gamma w_max k x) in P. set (p := out_magnitude gamma w_max k x) in *.
  split; [rewrite sgn_square; lra|]. destruct (Rlt_dec 0 w) as [S|S].
  - replace (sgn h * p * sgn h) with p by (destruct h; simpl; ring).
    rewrite (Rabs_pos_eq p) by lra. split; [nra|exact Hx].
  - replace (sgn (negb h) * p * sgn h) with (- p) by (destruct h; simpl; ring).
    rewrite Rabs_Ropp, (Rabs_pos_eq p) by lra. split; [nra|exact Hx].
Qed.

Lemma signs_of_category gamma w_max w h d k u v x : 1 < gamma -> 0 < w_max -> (1 <= k)%nat ->
  category gamma w_max w h d (sign v * out_magnitude gamma w_max k x) (sign u) ->
  sign u = sgn h /\ sign v = sgn (if Rlt_dec 0 w then h else negb h) /\
  w_max * / gamma ^ (d + 2) <= out_magnitude gamma w_max k x < w_max * / gamma ^ (d + 1).
Proof.
  intros Hg Hw Hk (H1 & H2 & H3).
  pose proof (magnitude_pos (w_max * / gamma ^ (k + 1)) (w_max * / gamma) x
    (proj1 (hyperbolic_range gamma w_max k Hg Hw Hk))) as P.
  fold (out_magnitude gamma w_max k x) in P. set (p := out_magnitude gamma w_max k x) in *.
  destruct (sign_cases u) as [U|U], (sign_cases v) as [V|V]; rewrite U, V in *;
    destruct h, (Rlt_dec 0 w); simpl in *; try nra.
  all: repeat split; try reflexivity.
  all: match type of H3 with _ <= Rabs ?z < _ =>
    first [replace z with p in H3 by ring; rewrite Rabs_pos_eq in H3 by lra
          |replace z with (- p) in H3 by ring; rewrite Rabs_Ropp, Rabs_pos_eq in H3 by lra] end; lra.
Qed.

(** The probability of a category is [1 / (4 k)]: the numbers [r1], [r2], [r3] make the in-weight, and
    sign and magnitude of the out-weight. *)
Lemma category_of_neuron gamma w_max k w C r1 r2 r3 h d :
  1 < gamma -> 0 < w_max -> (d < k)%nat -> w <> 0 ->
  (r1 < C)%nat -> (r2 < C)%nat -> (r3 < C)%nat -> r1 <> r2 -> r1 <> r3 -> r2 <> r3 ->
  let P := prob (power 0 (fun _ => uniform) C) in
  let hit := fun z : nat -> R => category gamma w_max w h d
    (sign (z r2) * out_magnitude gamma w_max k (z r3)) (sign (z r1)) in
  ev P hit /\ Pr P hit = / (4 * INR k).
Proof.
  intros Hg Hw Hd Hz R1 R2 R3 D1 D2 D3 P hit.
  set (h' := if Rlt_dec 0 w then h else negb h).
  destruct (sign_probability h) as [V1 P1]. destruct (sign_probability h') as [V2 P2].
  destruct (digit_probability gamma w_max k d Hg Hw Hd) as [V3 P3]. cbv zeta in V3, P3.
  assert (X : forall z : nat -> R, (sign (z r1) = sgn h /\ sign (z r2) = sgn h' /\
    w_max * / gamma ^ (d + 2) <= out_magnitude gamma w_max k (z r3) < w_max * / gamma ^ (d + 1))
    <-> hit z).
  { intros z. split; [intros (A & B & D); apply category_of_signs; auto; lia|].
    apply signs_of_category; auto; lia. }
  split.
  - apply (ev_ext _ _ _ _ X). apply ev_and; [|apply ev_and].
    + apply (ev_coordinate 0 (fun _ => uniform) C r1 _ R1 V1).
    + apply (ev_coordinate 0 (fun _ => uniform) C r2 _ R2 V2).
    + apply (ev_coordinate 0 (fun _ => uniform) C r3 _ R3 V3).
  - rewrite <- (Pr_ext _ _ _ _ X).
    pose proof (three_coordinates 0 (fun _ => uniform) C r1 r2 r3 _ _ _ R1 R2 R3 D1 D2 D3 V1 V2 V3)
      as T.
    cbv beta in T. rewrite P1, P2, P3 in T. etransitivity; [exact T|].
    assert (0 < INR k) by (apply lt_0_INR; lia). field. lra.
Qed.

Lemma category_probability N gamma w_max k w i j o h d :
  1 < gamma -> 0 < w_max -> (d < k)%nat -> w <> 0 -> (j < reads N i)%nat -> (o < width N (S i))%nat ->
  let P := prob (neuron_law (weights_of_neuron N) i) in
  let hit := fun z : nat -> R => category gamma w_max w h d
    (sign (z (reads N i + 2 * o)%nat) * out_magnitude gamma w_max k (z (reads N i + 2 * o + 1)%nat))
    (sign (z j)) in
  ev P hit /\ Pr P hit = / (4 * INR k).
Proof.
  intros Hg Hw Hd Hz Hj Ho P hit.
  apply (category_of_neuron gamma w_max k w (weights_of_neuron N i) j (reads N i + 2 * o)
    (reads N i + 2 * o + 1)); auto; unfold weights_of_neuron; lia.
Qed.

(** ** The theorem *)

(** What is asked of the target: bounded inputs, activations and weights. *)
Definition bounded_target N lambda norm_W A w_max D : Prop :=
  (1 <= layers N)%nat /\ lipschitz N lambda /\ operator_norm N norm_W /\ reads_at_most N D A /\
  weights_at_most N w_max.

(** The requirements of all weights of layer [i] are [2 k m]; [M i] samples are enough. *)
Definition enough_samples_for N (k M : nat -> nat) eps_w delta : Prop :=
  forall i, (i < layers N)%nat ->
  2 * INR (k i) * beyond N eps_w i * (1 - / (4 * INR (k i))) ^ M i <= delta / INR (layers N).

(** [main-theorem] (part): the reserved and the shared layout, for any number of samples that is
    large enough; the pooled layout is [main_theorem_pooled]. Only the weights beyond [eps_w] are
    counted, and [s i] may be the square root of the number of non-zero weights or anything above it,
    such as the book's [sqrt (n_i n_(i-1))]. A layer in which no weight exceeds [eps_w] may have
    [M i = 0]. *)
Theorem main_theorem_blocks N lay lambda norm_W A w_max s D gamma eps_w epsilon delta M :
  bounded_target N lambda norm_W A w_max D ->
  1 < gamma <= phi -> 0 < eps_w ->
  (forall i, (i < layers N)%nat -> sqrt (nonzero N i) <= s i) ->
  budget lambda norm_W A (fun i => eps_w * s i) (layers N) <= epsilon ->
  let k := fun i => count_digits gamma (w_max i) eps_w in
  enough_samples_for N k M eps_w delta ->
  holds_a_ticket (hyperbolic_space N lay M) N lay M (hyperbolic N gamma w_max k) D epsilon delta.
Proof.
  intros (Hl & HL & HW & HA & HV) Hg He Hs HB k HM.
  assert (K1 : forall i, 1 <= INR (k i)) by (intros; apply count_digits_pos).
  assert (C1 : forall i, 0 < / (4 * INR (k i)) <= 1).
  { intros i. specialize (K1 i). split; [apply Rinv_0_lt_compat; lra|].
    rewrite <- Rinv_1. apply Rinv_le_contravar; lra. }
  assert (Z : forall i o j, inside N i o j -> needs N eps_w i o j ->
    weight N i o j <> 0 /\ 0 < w_max i /\ 0 < Rabs (weight N i o j) <= w_max i).
  { intros i o j (Hi & _) Hn. specialize (HV i o j Hi). unfold needs in Hn.
    repeat split; try lra. intros E. rewrite E, Rabs_R0 in Hn. lra. }
  apply tickets_from_requirements with (eps_w := eps_w) (lambda := lambda) (norm_W := norm_W) (A := A)
    (s := s) (c := fun i => / (4 * INR (k i))) (K := fun i => (k i + k i)%nat)
    (req := fun i o j q => requirement gamma (w_max i) (weight N i o j) (k i) q); auto; try lra.
  - intros i _. specialize (C1 i). lra.
  - intros i o j q t Hin Hn Hq Ht. destruct (Z i o j Hin Hn) as (Z0 & Zw & _).
    destruct Hin as (Hi & Ho & Hj).
    destruct (category_probability N gamma (w_max i) (k i) (weight N i o j) i j o (half (k i) q)
      (digit (k i) q)) as [V Q]; try tauto; [apply digit_lt, Hq|].
    rewrite <- (block_size_of_weight lay N M i o j Ho Z0) in Ht.
    destruct (neuron_event N lay M (weights_of_neuron N) i (block lay o) j t _ Hi
      (block_lt lay N i o Ho) Hj Ht V) as [V' Q'].
    split; [exact V'|]. right. rewrite Q in Q'. symmetry. exact Q'.
  - intros i o j q Hin Hn Hq. destruct (Z i o j Hin Hn) as (Z0 & Zw & _).
    destruct Hin as (Hi & Ho & Hj). rewrite <- (block_size_of_weight lay N M i o j Ho Z0).
    apply (neurons_independent N lay M (weights_of_neuron N) i (block lay o) j
      (fun _ z => category gamma (w_max i) (weight N i o j) (half (k i) q) (digit (k i) q)
        (sign (z (reads N i + 2 * o)%nat) *
         out_magnitude gamma (w_max i) (k i) (z (reads N i + 2 * o + 1)%nat)) (sign (z j))) Hi
      (block_lt lay N i o Ho) Hj).
    intros t _. apply category_probability; try tauto. apply digit_lt, Hq.
  - intros i Hi. rewrite plus_INR. replace (INR (k i) + INR (k i)) with (2 * INR (k i)) by ring.
    apply HM, Hi.
  - intros om i o j Hin Hn Hq. destruct (Z i o j Hin Hn) as (_ & _ & Zr).
    destruct (one_weight gamma (w_max i) (weight N i o j) (k i) (M i)
      (outs lay (hyperbolic N gamma w_max k om) i o j)
      (ins lay (hyperbolic N gamma w_max k om) i o j) Hg Zr) as (keep & Q).
    { apply all_categories. exact Hq. }
    exists keep. intros y. eapply Rle_trans; [apply Q|].
    apply Rmult_le_compat_r; [apply Rabs_pos|]. apply count_digits_enough; lra.
Qed.
