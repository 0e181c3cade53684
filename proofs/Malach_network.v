(** * The construction of Malach et al. (chapter _malach_)

    Weights are uniform from -1 to 1; for each half of a weight one neuron is kept. *)

From Coq Require Import Reals Lra Psatz Lia Arith Bool ClassicalEpsilon.
From GoldenTickets Require Import Sums Golden_ratio Malach Probability Network Budget Spaces Uniform
  Hyperbolic Ticket Main_theorem.
Open Scope R_scope.

(** A weight that is uniform from -1 to 1. *)
Definition uniform_weight (u : R) : R := 2 * u - 1.

(** What Malach et al. wait for: [h] says for which half. *)
Definition fits (w epsilon : R) (h : bool) (a b : R) : Prop :=
  Rabs (a - sgn h * w) <= epsilon / 2 /\ 1 - epsilon / 2 <= sgn h * b <= 1.

(** p in the book. *)
Definition success (w epsilon : R) : R :=
  epsilon ^ 2 / 16 * (1 + Rmin 1 (2 * (1 - Rabs w) / epsilon)).

Lemma near_interval w e : interval ((w - e + 1) / 2) ((w + e + 1) / 2)
  (fun u => Rabs (uniform_weight u - w) <= e).
Proof.
  unfold uniform_weight. split; intros u H.
  - apply Rabs_le. lra.
  - apply Rabs_le_inv in H. lra.
Qed.

Lemma near_probability w epsilon : Rabs w <= 1 -> 0 < epsilon <= 2 ->
  ev (prob uniform) (fun u => Rabs (uniform_weight u - w) <= epsilon / 2) /\
  Pr (prob uniform) (fun u => Rabs (uniform_weight u - w) <= epsilon / 2) =
  epsilon / 4 * (1 + Rmin 1 (2 * (1 - Rabs w) / epsilon)).
Proof.
  intros Hw He. destruct (interval_probability _ _ _ (near_interval w (epsilon / 2))) as [V Q].
  split; [exact V|]. rewrite Q. unfold overlap. pose proof (Rabs_le_inv w 1 Hw) as W.
  (* which end leaves the range *)
  destruct (Rle_dec (Rabs w) (1 - epsilon / 2)) as [S|S].
  - pose proof (Rabs_le_inv _ _ S). rewrite (Rmin_left 1).
    + rewrite (Rmin_left _ 1), (Rmax_left _ 0), Rmax_right by lra. lra.
    + apply Rmult_le_reg_r with epsilon; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
  - rewrite (Rmin_right 1).
    + destruct (Rle_dec 0 w) as [Z|Z].
      * rewrite Rabs_pos_eq in * by exact Z.
        rewrite (Rmin_right _ 1), (Rmax_left _ 0), Rmax_right by lra. field. lra.
      * rewrite Rabs_left in * by lra.
        rewrite (Rmin_left _ 1), (Rmax_right _ 0), Rmax_right by lra. field. lra.
    + apply Rmult_le_reg_r with epsilon; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Lemma edge_probability epsilon h : 0 < epsilon <= 2 ->
  ev (prob uniform) (fun u => 1 - epsilon / 2 <= sgn h * uniform_weight u <= 1) /\
  Pr (prob uniform) (fun u => 1 - epsilon / 2 <= sgn h * uniform_weight u <= 1) = epsilon / 4.
Proof.
  intros He. set (I := fun u => 1 - epsilon / 2 <= sgn h * uniform_weight u <= 1).
  assert (K : interval (if h then 1 - epsilon / 4 else 0) (if h then 1 else epsilon / 4) I).
  { unfold I, uniform_weight. destruct h; simpl; split; intros u H; lra. }
  destruct (interval_probability _ _ _ K) as [V Q]. split; [exact V|]. rewrite Q. unfold overlap.
  destruct h; cbv iota.
  - rewrite (Rmin_left 1), (Rmax_left _ 0), Rmax_right by lra. lra.
  - rewrite (Rmin_left _ 1), (Rmax_left 0 0), Rmax_right by lra. lra.
Qed.

(** One neuron, made of [C] numbers: [u j] is its in-weight, [u r] its out-weight. *)
Lemma fits_probability C j r w epsilon h : (j < C)%nat -> (r < C)%nat -> j <> r ->
  Rabs w <= 1 -> 0 < epsilon <= 2 ->
  let P := prob (power 0 (fun _ => uniform) C) in
  let A := fun z : nat -> R => fits w epsilon h (uniform_weight (z r)) (uniform_weight (z j)) in
  ev P A /\ Pr P A = success w epsilon.
Proof.
  intros Hj Hr N Hw He P A.
  assert (Es : Rabs (sgn h * w) = Rabs w).
  { rewrite Rabs_mult. destruct h; simpl; [rewrite Rabs_R1|rewrite Rabs_left by lra]; ring. }
  assert (Hs : Rabs (sgn h * w) <= 1) by lra.
  destruct (near_probability (sgn h * w) epsilon Hs He) as [V1 P1].
  destruct (edge_probability epsilon h He) as [V2 P2].
  set (f1 := fun t => ind (Rabs (uniform_weight t - sgn h * w) <= epsilon / 2)).
  set (f2 := fun t => ind (1 - epsilon / 2 <= sgn h * uniform_weight t <= 1)).
  destruct (two_coordinates 0 (fun _ => uniform) C r j _ _ Hr Hj ltac:(lia) V1 V2) as [V Q].
  split; [exact V|]. etransitivity; [exact Q|]. rewrite P1, P2, Es. unfold success. field.
Qed.

Lemma success_least w epsilon : Rabs w <= 1 -> 0 < epsilon <= 2 ->
  epsilon ^ 2 / 16 <= success w epsilon <= epsilon ^ 2 / 8.
Proof.
  intros Hw He. unfold success.
  assert (0 <= Rmin 1 (2 * (1 - Rabs w) / epsilon) <= 1).
  { split; [|apply Rmin_l]. apply Rmin_glb; [lra|]. apply Rmult_le_pos; [lra|].
    left. apply Rinv_0_lt_compat. lra. }
  assert (0 <= epsilon ^ 2) by (apply pow_le; lra). split; nra.
Qed.

(** [malach-success] (whole): [a] and [b] are made of the two coordinates of the space; for both
    halves at once. *)
Theorem malach_success w epsilon h : Rabs w <= 1 -> 0 < epsilon <= 2 ->
  let P := prob (power 0 (fun _ => uniform) 2) in
  let a := fun z : nat -> R => uniform_weight (z 0%nat) in
  let b := fun z : nat -> R => uniform_weight (z 1%nat) in
  let A := fun z => Rabs (a z - sgn h * w) <= epsilon / 2 /\ 1 - epsilon / 2 <= sgn h * b z <= 1 in
  let p := epsilon ^ 2 / 16 * (1 + Rmin 1 (2 * (1 - Rabs w) / epsilon)) in
  ev P A /\ Pr P A = p /\ epsilon ^ 2 / 16 <= p /\
  (p = epsilon ^ 2 / 16 <-> Rabs w = 1) /\ (p = epsilon ^ 2 / 8 <-> Rabs w <= 1 - epsilon / 2).
Proof.
  intros Hw He P a b A p.
  destruct (fits_probability 2 1 0 w epsilon h ltac:(lia) ltac:(lia) ltac:(lia) Hw He) as [V Q].
  split; [exact V|]. split; [exact Q|]. split; [apply success_least; assumption|].
  assert (E2 : 0 < epsilon ^ 2) by (apply pow_lt; lra).
  set (x := 2 * (1 - Rabs w) / epsilon).
  assert (X : x * epsilon = 2 * (1 - Rabs w)) by (unfold x; field; lra).
  unfold p. fold x. pose proof (Rmin_l 1 x). pose proof (Rmin_r 1 x). repeat split; intros H1.
  - assert (Rmin 1 x = 0) by nra. unfold Rmin in *. destruct (Rle_dec 1 x); nra.
  - assert (x = 0) by nra. rewrite H2, Rmin_right by lra. lra.
  - assert (Rmin 1 x = 1) by nra. nra.
  - rewrite Rmin_left by nra. lra.
Qed.

(** ** Two neurons stand for a weight *)

Lemma two_neurons_serve w epsilon M (a b : nat -> R) s1 s2 : Rabs w <= 1 -> 0 < epsilon <= 2 ->
  epsilon < 2 -> (s1 < M)%nat -> (s2 < M)%nat ->
  fits w epsilon true (a s1) (b s1) -> fits w epsilon false (a s2) (b s2) ->
  stand_for M a b (fun s => Nat.eqb s1 s || Nat.eqb s2 s) w epsilon.
Proof.
  intros Hw He He2 L1 L2 [A1 B1] [A2 B2]. simpl in *.
  destruct (malach_error w epsilon (a s1) (b s1) (a s2) (b s2) Hw He) as [E1 E2].
  apply two_halves.
  - intros s K. apply Nat.eqb_eq in K. subst s. lra.
  - intros s K. apply Nat.eqb_eq in K. subst s. lra.
  - rewrite (sum_pick M s1 (fun s => a s * b s)) by exact L1.
    replace (1 * w) with w in A1 by ring. specialize (E1 A1 ltac:(lra)). lra.
  - rewrite (sum_pick M s2 (fun s => a s * b s)) by exact L2.
    replace (a s2 - -1 * w) with (a s2 + w) in A2 by ring. specialize (E2 A2 ltac:(lra)). lra.
Qed.

(** How many samples are enough. *)
Definition malach_samples (epsilon x : R) : nat := nceil (16 / epsilon ^ 2 * ln x).

Lemma malach_samples_enough epsilon K d : 0 < epsilon <= 2 -> 0 < K -> 0 < d ->
  K * (1 - epsilon ^ 2 / 16) ^ malach_samples epsilon (K / d) <= d.
Proof.
  intros He HK Hd. assert (E2 : 0 < epsilon ^ 2) by (apply pow_lt; lra).
  apply enough_samples; try lra; [nra|]. apply Rle_ge. unfold malach_samples.
  replace (/ (epsilon ^ 2 / 16)) with (16 / epsilon ^ 2) by (field; lra). apply nceil_ge.
Qed.

(** The number of samples is enough; that 16 and 2 are best is in the file [Malach_count]. *)
Lemma malach_count_enough w epsilon delta : Rabs w <= 1 -> 0 < epsilon <= 2 -> 0 < delta < 1 ->
  let N := nceil (16 / epsilon ^ 2 * ln (2 / delta)) in
  let P := prob (power (fun _ : nat => 0) (fun _ => power 0 (fun _ => uniform) 2) N) in
  let a := fun (z : nat -> nat -> R) s => uniform_weight (z s 0%nat) in
  let b := fun (z : nat -> nat -> R) s => uniform_weight (z s 1%nat) in
  exists good, ev P good /\ 1 - delta <= Pr P good /\ forall z, good z ->
  exists s1 s2, (s1 < N)%nat /\ (s2 < N)%nat /\ (epsilon < 2 -> s1 <> s2) /\ forall x,
    Rabs (a z s1 * relu (b z s1 * x) + a z s2 * relu (b z s2 * x) - w * x) <= epsilon * Rabs x.
Proof.
  intros Hw He Hd N P a b.
  set (law := power 0 (fun _ => uniform) 2).
  set (one := fun (h : bool) (z : nat -> R) =>
    fits w epsilon h (uniform_weight (z 0%nat)) (uniform_weight (z 1%nat))).
  assert (V1 : forall h, ev (prob law) (one h) /\ Pr (prob law) (one h) = success w epsilon)
    by (intros h; apply fits_probability; auto; lia).
  set (A := fun (q s : nat) (z : nat -> nat -> R) => one (Nat.eqb q 0) (z s)).
  assert (HA : forall q s, (q < 2)%nat -> (s < N)%nat ->
    ev P (A q s) /\ epsilon ^ 2 / 16 <= Pr P (A q s)).
  { intros q s _ Hs. destruct (V1 (Nat.eqb q 0)) as [V Q].
    destruct (ev_coordinate (fun _ => 0) (fun _ => law) N s _ Hs V) as [V' Q'].
    split; [exact V'|]. rewrite Q in Q'. unfold A. fold P in Q'.
    eapply Rle_trans; [apply (success_least w epsilon Hw He)|right; symmetry; exact Q']. }
  assert (HI : forall q, (q < 2)%nat -> independent_misses P N (A q)).
  { intros q _. apply (power_independent (fun _ => 0) (fun _ => law) N (fun _ => one (Nat.eqb q 0))).
    intros s _. apply V1. }
  set (missed := fun z => exists q, (q < 2)%nat /\ forall s, (s < N)%nat -> ~ A q s z).
  assert (EM : ev P missed)
    by (apply ev_ex; intros q Hq; apply ev_all; intros s Hs; apply ev_not, HA; auto).
  assert (E2 : 0 < epsilon ^ 2) by (apply pow_lt; lra).
  assert (PM : Pr P missed <= delta).
  { apply (coupon_collector P 2 N (epsilon ^ 2 / 16) delta A); auto; [nra|lra|].
    apply Rle_ge. replace (/ (epsilon ^ 2 / 16)) with (16 / epsilon ^ 2) by (field; lra).
    apply nceil_ge. }
  exists (fun z => ~ missed z). split; [apply ev_not, EM|]. split.
  - rewrite Pr_not by exact EM. lra.
  - intros z Hz.
    assert (F : forall q, (q < 2)%nat -> exists s, (s < N)%nat /\ A q s z).
    { intros q Hq. apply Classical_Prop.NNPP. intros No. apply Hz. exists q. split; [exact Hq|].
      intros s Hs K. apply No. exists s. auto. }
    destruct (F 0%nat ltac:(lia)) as (s1 & L1 & A1 & B1).
    destruct (F 1%nat ltac:(lia)) as (s2 & L2 & A2 & B2). simpl in A1, B1, A2, B2.
    exists s1, s2. split; [exact L1|]. split; [exact L2|].
    split; [intros H2 E; subst s2; simpl in *; clear - H2 B1 B2; lra|]. intros x. fold (a z s1) (b z s1) in *.
    destruct (malach_error w epsilon (a z s1) (b z s1) (a z s2) (b z s2) Hw He) as [E1 E3].
    change (uniform_weight (z s1 0%nat)) with (a z s1) in A1.
    change (uniform_weight (z s2 0%nat)) with (a z s2) in A2.
    change (uniform_weight (z s1 1%nat)) with (b z s1) in B1.
    change (uniform_weight (z s2 1%nat)) with (b z s2) in B2.
    replace (1 * w) with w in A1 by ring. replace (a z s2 - -1 * w) with (a z s2 + w) in A2 by ring.
    specialize (E1 A1 ltac:(lra)). specialize (E3 A2 ltac:(lra)).
    destruct (Rle_dec 0 x) as [X|X].
    + rewrite (relu_pos (b z s1 * x)), (relu_neg (b z s2 * x)) by nra.
      replace (a z s1 * (b z s1 * x) + a z s2 * 0 - w * x) with (x * (a z s1 * b z s1) - w * x) by ring.
      apply scaled_error. lra.
    + rewrite (relu_neg (b z s1 * x)), (relu_pos (b z s2 * x)) by nra.
      replace (a z s1 * 0 + a z s2 * (b z s2 * x) - w * x) with (x * (a z s2 * b z s2) - w * x) by ring.
      apply scaled_error. lra.
Qed.

(** ** The network bound *)

(** [ln (1 + x)] lies above its chord from 0 to 1. *)
Lemma ln_concave x : 0 <= x <= 1 -> x * ln 2 <= ln (1 + x).
Proof.
  intros Hx. pose proof (exp_pos (x * ln 2)) as P.
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  set (t := x * ln 2) in *.
  (* two tangents of exp at t, with weights 1 - x and x *)
  pose proof (exp_ineq1_le (- t)) as H0. pose proof (exp_ineq1_le (ln 2 - t)) as H1.
  assert (E0 : exp t * exp (- t) = 1)
    by (rewrite <- exp_plus; replace (t + - t) with 0 by ring; apply exp_0).
  assert (E1 : exp t * exp (ln 2 - t) = 2)
    by (rewrite <- exp_plus; replace (t + (ln 2 - t)) with (ln 2) by ring; apply exp_ln; lra).
  assert (A0 : exp t * (1 - t) <= 1) by nra. assert (A1 : exp t * (1 + (ln 2 - t)) <= 2) by nra.
  assert (B0 : (1 - x) * (exp t * (1 - t)) <= (1 - x) * 1) by (apply Rmult_le_compat_l; lra).
  assert (B1 : x * (exp t * (1 + (ln 2 - t))) <= x * 2) by (apply Rmult_le_compat_l; lra).
  assert (E : exp t <= 1 + x).
  { replace (exp t) with ((1 - x) * (exp t * (1 - t)) + x * (exp t * (1 + (ln 2 - t))));
      [lra|unfold t; ring]. }
  rewrite <- (ln_exp t). apply ln_le; assumption.
Qed.

(** A network whose weights are all uniform from -1 to 1. *)
Definition uniform_network (N : network) (om : outcome) : draw :=
  {| in_weight := fun i r j s j' => uniform_weight (om i r j s j');
     out_weight := fun i r j s o => uniform_weight (om i r j s (reads N i + o)%nat) |}.

Definition uniform_space (N : network) (lay : layout) (M : nat -> nat) : probability outcome :=
  space N lay M (fun i => (reads N i + width N (S i))%nat).

(** No weight exceeds the operator norm. *)
Lemma weight_at_most_norm N norm_W i o j : operator_norm N norm_W -> (i < layers N)%nat ->
  (o < width N (S i))%nat -> (j < reads N i)%nat -> Rabs (weight N i o j) <= norm_W i.
Proof.
  intros HW Hi Ho Hj. destruct (HW i Hi) as [W0 W1].
  set (e := fun j' => if Nat.eqb j j' then 1 else 0).
  assert (E : forall o, linear N i e o = weight N i o j).
  { intros o'. unfold linear, e.
    rewrite <- (sum_pick (reads N i) j (fun j' => weight N i o' j')) by exact Hj.
    apply sum_ext. intros j' _. destruct (Nat.eqb j j'); ring. }
  assert (E1 : norm (reads N i) e = 1).
  { unfold norm, sq. rewrite (sum_ext _ _ (fun j' => if Nat.eqb j j' then 1 else 0)).
    - rewrite (sum_pick (reads N i) j (fun _ => 1)) by exact Hj. apply sqrt_1.
    - intros j' _. unfold e. destruct (Nat.eqb j j'); ring. }
  specialize (W1 e). rewrite E1, Rmult_1_r in W1. eapply Rle_trans; [|exact W1].
  rewrite <- sqrt_Rsqr_abs. apply sqrt_le_1_alt. unfold Rsqr, sq. rewrite <- E.
  apply (sum_term (width N (S i)) o (fun o => linear N i e o * linear N i e o)); [exact Ho|].
  intros; apply square_nonneg.
Qed.

(** [malach-network] (whole): [m] is the largest number of non-zero weights of a layer, or more; each
    weight that is not 0 owns [M] neurons (reserved layout); the network has no biases. *)
Theorem malach_network N m epsilon delta :
  (1 <= layers N)%nat -> bias N = false -> lipschitz N (fun _ => 1) ->
  (forall i, activation N i 0 = 0) -> operator_norm N (fun _ => 1) ->
  1 <= m -> (forall i, (i < layers N)%nat -> nonzero N i <= m) ->
  0 < epsilon <= 1 -> 0 < delta < 1 ->
  let l := layers N in
  let eps_w := ln (1 + epsilon) / (INR l * sqrt m) in
  let M := fun _ : nat => nceil (16 / eps_w ^ 2 * ln (2 * m * INR l / delta)) in
  holds_a_ticket (uniform_space N reserved M) N reserved M (uniform_network N)
    (fun x => norm (width N 0) x <= 1) epsilon delta /\
  16 / eps_w ^ 2 <= 16 / ln 2 ^ 2 * (m * INR l ^ 2 / epsilon ^ 2).
Proof.
  intros Hl Hb HL Hz HW Hm Hn He Hd l eps_w M.
  assert (LL : 1 <= INR l) by (apply (le_INR 1); unfold l; lia).
  assert (Sm : 1 <= sqrt m) by (rewrite <- sqrt_1; apply sqrt_le_1_alt; lra).
  assert (LN : 0 < ln (1 + epsilon)) by (apply ln_1p_pos; lra).
  assert (LNe : ln (1 + epsilon) <= epsilon).
  { rewrite <- (ln_exp epsilon) at 2. apply ln_le; [lra|]. apply exp_ineq1_le. }
  assert (D1 : 1 <= INR l * sqrt m) by nra.
  assert (E0 : 0 < eps_w) by (apply Rdiv_lt_0_compat; lra).
  assert (E2 : eps_w <= 1).
  { unfold eps_w. apply Rmult_le_reg_r with (INR l * sqrt m); [lra|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  assert (G : forall i, growth (fun _ => 1) (fun _ => 1) i = 1).
  { induction i as [|i IH]; simpl; [reflexivity|]. rewrite IH, Rmax_left; lra. }
  (* activations stay in the unit ball *)
  assert (A1 : reads_at_most N (fun x => norm (width N 0) x <= 1) (fun _ => 1)).
  { assert (R : forall i y, norm (reads N i) (read N i y) = norm (width N i) y).
    { intros i y. unfold reads. rewrite Hb, Nat.add_0_r. apply norm_ext. intros j Hj. unfold read.
      apply Nat.ltb_lt in Hj. now rewrite Hj. }
    intros x Hx i Hi. rewrite R. induction i as [|i IH]; [exact Hx|].
    specialize (IH ltac:(lia)). unfold target. simpl run. fold (target N i x).
    set (y := read N i (target N i x)).
    apply Rle_trans with (norm (width N (S i)) (linear N i y)).
    - rewrite <- (norm_Rabs _ (linear N i y)). apply norm_le. intros o _.
      pose proof (HL i (linear N i y o) 0 ltac:(lia)) as Q. rewrite Hz, !Rminus_0_r in Q. lra.
    - destruct (HW i ltac:(lia)) as [_ W1]. specialize (W1 y). unfold y in W1 at 2.
      rewrite R in W1. lra. }
  split.
  - assert (BI : budget_inputs N (fun _ => 1) (fun _ => 1) (fun _ => 1) (fun _ => sqrt m) 1 1 (sqrt m)).
    { split; [exact Hl|]. do 3 (split; [lra|]). split; [exact HL|]. split; [exact HW|].
      intros i _. lra. }
    destruct (budget_logarithm N _ _ _ _ _ _ _ BI) as [_ B].
    destruct (B epsilon ltac:(lra)) as [_ B1]. fold l in B1. rewrite G in B1.
    replace (/ (INR l * 1 * sqrt m) * ln (1 + epsilon / (1 * 1))) with eps_w in B1
      by (unfold eps_w; rewrite !Rmult_1_r; unfold Rdiv; rewrite Rinv_1;
          ring_simplify (epsilon * 1); ring).
    assert (E3 : 0 < eps_w ^ 2 <= 1) by (split; [apply pow_lt; lra|nra]).
    assert (W1 : forall i o j, inside N i o j -> Rabs (weight N i o j) <= 1)
      by (intros i o j (Hi & Ho & Hj); apply (weight_at_most_norm N (fun _ => 1)); auto).
    assert (F : forall i o j h, inside N i o j ->
      let hit := fun z : nat -> R => fits (weight N i o j) eps_w h
        (uniform_weight (z (reads N i + o)%nat)) (uniform_weight (z j)) in
      let P := prob (neuron_law (fun i => (reads N i + width N (S i))%nat) i) in
      ev P hit /\ Pr P hit = success (weight N i o j) eps_w).
    { intros i o j h Hin. pose proof (W1 i o j Hin) as Hw. destruct Hin as (Hi & Ho & Hj).
      apply (fits_probability (reads N i + width N (S i)) j (reads N i + o)); lia || lra. }
    assert (Z : forall i o j, needs N eps_w i o j -> weight N i o j <> 0).
    { intros i o j Y E. unfold needs in Y. rewrite E, Rabs_R0 in Y. lra. }
    apply tickets_from_requirements with (eps_w := eps_w) (lambda := fun _ => 1) (norm_W := fun _ => 1)
      (A := fun _ => 1) (s := fun _ => sqrt m) (c := fun _ => eps_w ^ 2 / 16) (K := fun _ => 2%nat)
      (req := fun i o j q => fits (weight N i o j) eps_w (Nat.eqb q 0));
      [exact Hl|lra|exact HL|exact HW|exact A1| |exact B1| | | | |].
    + intros i Hi. apply sqrt_le_1_alt, Hn, Hi.
    + intros i _. lra.
    + intros i o j q s Hin Y Hq Hs. destruct (F i o j (Nat.eqb q 0) Hin) as [V Q].
      pose proof (W1 i o j Hin) as Hw. destruct Hin as (Hi & Ho & Hj).
      rewrite <- (block_size_of_weight reserved N M i o j Ho (Z i o j Y)) in Hs.
      destruct (neuron_event N reserved M (fun i => (reads N i + width N (S i))%nat) i o j s _ Hi Ho Hj
        Hs V) as [V' Q'].
      split; [exact V'|]. rewrite Q in Q'.
      eapply Rle_trans; [apply (success_least (weight N i o j) eps_w Hw); lra|].
      right. symmetry. exact Q'.
    + intros i o j q Hin Y Hq. pose proof Hin as (Hi & Ho & Hj).
      rewrite <- (block_size_of_weight reserved N M i o j Ho (Z i o j Y)).
      apply (neurons_independent N reserved M (fun i => (reads N i + width N (S i))%nat) i o j
        (fun _ z => fits (weight N i o j) eps_w (Nat.eqb q 0)
          (uniform_weight (z (reads N i + o)%nat)) (uniform_weight (z j))) Hi Ho Hj).
      intros s _. apply F, Hin.
    + intros i Hi. change (INR 2) with (1 + 1).
      assert (C : 0 <= beyond N eps_w i <= m).
      { split; [apply count_nonneg|]. eapply Rle_trans; [apply beyond_le_nonzero; lra|auto]. }
      pose proof (malach_samples_enough eps_w (2 * m) (delta / INR l) ltac:(lra) ltac:(lra)
        ltac:(apply Rdiv_lt_0_compat; lra)) as Q.
      replace (2 * m / (delta / INR l)) with (2 * m * INR l / delta) in Q by (field; lra).
      change (malach_samples eps_w (2 * m * INR l / delta)) with (M i) in Q. fold l.
      eapply Rle_trans; [|exact Q]. apply Rmult_le_compat_r; [apply pow_le; lra|]. lra.
    + intros om i o j Hin _ Hq. pose proof (W1 i o j Hin) as Hw.
      destruct (Hq 0%nat ltac:(lia)) as (s1 & L1 & F1).
      destruct (Hq 1%nat ltac:(lia)) as (s2 & L2 & F2).
      exists (fun s => Nat.eqb s1 s || Nat.eqb s2 s).
      apply two_neurons_serve; auto; lra.
  - (* ln (1 + epsilon) >= epsilon ln 2 *)
    assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
    assert (C : epsilon * ln 2 <= ln (1 + epsilon)) by (apply ln_concave; lra).
    assert (Pe : 0 < epsilon * ln 2) by (apply Rmult_lt_0_compat; lra).
    assert (Q : eps_w ^ 2 = ln (1 + epsilon) ^ 2 / (m * INR l ^ 2)).
    { pose proof (sqrt_sqrt m ltac:(lra)) as SS. rewrite <- SS at 1. unfold eps_w. field. lra. }
    assert (0 < m * INR l ^ 2) by (apply Rmult_lt_0_compat; [lra|apply pow_lt; lra]).
    assert (0 < ln (1 + epsilon) ^ 2) by (apply pow_lt; lra).
    rewrite Q. replace (16 / (ln (1 + epsilon) ^ 2 / (m * INR l ^ 2)))
      with (16 * (m * INR l ^ 2) * / ln (1 + epsilon) ^ 2) by (field; repeat split; lra).
    replace (16 / ln 2 ^ 2 * (m * INR l ^ 2 / epsilon ^ 2))
      with (16 * (m * INR l ^ 2) * / (epsilon * ln 2) ^ 2) by (field; repeat split; lra).
    apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [apply pow_lt; lra|].
    apply pow_incr. lra.
Qed.
