(** * Why no one beats the logarithm (chapter _lower_bound_) *)

From Coq Require Import Reals Lra Psatz Lia Arith List Classical ClassicalEpsilon.
From GoldenTickets Require Import Sums Malach Probability Network Budget Hyperbolic.
Open Scope R_scope.

Lemma pigeonhole (N : nat) (f : nat -> nat) : (forall i, (i <= N)%nat -> (f i < N)%nat) ->
  exists i j, (i < j <= N)%nat /\ f i = f j.
Proof.
  revert f. induction N as [|N IH]; intros f H; [specialize (H O); lia|].
  destruct (in_dec Nat.eq_dec (f (S N)) (map f (seq 0 (S N)))) as [I|I].
  - apply in_map_iff in I. destruct I as (i & E & Hi). apply in_seq in Hi.
    exists i, (S N). split; [lia|exact E].
  - (* the value N moves to the place of f (S N) *)
    assert (D : forall i, (i <= N)%nat -> f i <> f (S N))
      by (intros i Hi Q; apply I; rewrite <- Q; apply in_map, in_seq; lia).
    set (h := fun i => if Nat.eq_dec (f i) N then f (S N) else f i).
    destruct (IH h) as (i & j & Hij & E).
    + intros i Hi. unfold h. pose proof (D i Hi). pose proof (H i ltac:(lia)).
      pose proof (H (S N) ltac:(lia)). destruct (Nat.eq_dec (f i) N); lia.
    + exists i, j. split; [lia|]. unfold h in E.
      pose proof (D i ltac:(lia)). pose proof (D j ltac:(lia)).
      destruct (Nat.eq_dec (f i) N), (Nat.eq_dec (f j) N); congruence.
Qed.

(** [N] numbers that serve all of [-w_max <= w <= w_max]: pigeonhole on [N + 1] equidistant weights. *)
Lemma counting_numbers N (s : nat -> R) w_max epsilon : 0 <= epsilon -> 0 <= w_max ->
  (forall w, - w_max <= w <= w_max -> exists i, (i < N)%nat /\ Rabs (w - s i) <= epsilon) ->
  w_max <= INR N * epsilon.
Proof.
  intros He Hv H. destruct (Rle_dec w_max (INR N * epsilon)) as [|L]; [assumption|exfalso].
  assert (N0 : (1 <= N)%nat) by (destruct (H 0) as (i & Hi & _); [lra|lia]).
  assert (NP : 0 < INR N) by (apply lt_0_INR; lia).
  set (d := 2 * w_max / INR N). assert (Nd : INR N * d = 2 * w_max) by (unfold d; field; lra).
  assert (Hd : 2 * epsilon < d) by nra.
  set (x := fun i => - w_max + INR i * d).
  assert (C : forall i, exists j, (i <= N)%nat -> (j < N)%nat /\ Rabs (x i - s j) <= epsilon).
  { intros i. destruct (le_dec i N) as [Hi|Hi]; [|exists O; intros; lia].
    destruct (H (x i)) as (j & Hj); [|exists j; auto]. unfold x.
    assert (0 <= INR i <= INR N) by (split; [apply pos_INR|apply le_INR; lia]).
    assert (0 <= INR i * d <= INR N * d)
      by (split; [apply Rmult_le_pos; lra|apply Rmult_le_compat_r; lra]). lra. }
  apply choice in C. destruct C as (f & Hf).
  destruct (pigeonhole N f) as (i & j & Hij & E); [intros; apply Hf; lia|].
  destruct (Hf i ltac:(lia)) as [_ A]. destruct (Hf j ltac:(lia)) as [_ B]. rewrite E in A.
  apply Rabs_le_inv in A. apply Rabs_le_inv in B. unfold x in *.
  assert (INR i + 1 <= INR j) by (rewrite <- S_INR; apply le_INR; lia). nra.
Qed.

(** The odd multiples of [epsilon] between [- 2^n epsilon] and [2^n epsilon] attain the bound. *)
Lemma counting_attained n epsilon : 0 < epsilon ->
  forall w, - (2 ^ n * epsilon) <= w <= 2 ^ n * epsilon ->
  exists i, (i < 2 ^ n)%nat /\ Rabs (w - (2 * INR i + 1 - 2 ^ n) * epsilon) <= epsilon.
Proof.
  intros He. induction n as [|n IH]; intros w Hw.
  - exists O. split; [simpl; lia|]. simpl in *. apply Rabs_le. lra.
  - assert (P : INR (2 ^ n) = 2 ^ n) by (rewrite pow_INR; reflexivity).
    assert (E : 2 ^ S n = 2 * 2 ^ n) by (simpl; ring). rewrite E in Hw |- *.
    assert (F : (2 ^ S n = 2 ^ n + 2 ^ n)%nat) by (simpl; lia).
    destruct (Rle_dec w 0) as [S|S].
    + destruct (IH (w + 2 ^ n * epsilon)) as (i & Hi & B); [lra|]. exists i. split; [lia|].
      replace (w - (2 * INR i + 1 - 2 * 2 ^ n) * epsilon)
        with (w + 2 ^ n * epsilon - (2 * INR i + 1 - 2 ^ n) * epsilon) by ring. exact B.
    + destruct (IH (w - 2 ^ n * epsilon)) as (i & Hi & B); [lra|].
      exists (i + 2 ^ n)%nat. split; [lia|]. rewrite plus_INR, P.
      replace (w - (2 * (INR i + 2 ^ n) + 1 - 2 * 2 ^ n) * epsilon)
        with (w - 2 ^ n * epsilon - (2 * INR i + 1 - 2 ^ n) * epsilon) by ring. exact B.
Qed.

(** [counting-one-weight] (whole): the set is the values [s 0], ..., [s (2^n - 1)], and
    [ln x / ln 2] is the logarithm to base 2. For [epsilon > w_max] it is below 0. *)
Theorem counting_one_weight :
  (forall n (s : nat -> R) w_max epsilon, 0 < epsilon -> 0 < w_max ->
     (forall w, - w_max <= w <= w_max -> exists j, (j < 2 ^ n)%nat /\ Rabs (w - s j) <= epsilon) ->
     ln (w_max / epsilon) / ln 2 <= INR n) /\
  (forall n epsilon, 0 < epsilon ->
     let s := fun j => (2 * INR j + 1 - 2 ^ n) * epsilon in let w_max := 2 ^ n * epsilon in
     (forall w, - w_max <= w <= w_max -> exists j, (j < 2 ^ n)%nat /\ Rabs (w - s j) <= epsilon) /\
     ln (w_max / epsilon) / ln 2 = INR n).
Proof.
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra). split.
  - intros n s w_max epsilon He Hw H.
    pose proof (counting_numbers (2 ^ n) s w_max epsilon ltac:(lra) ltac:(lra) H) as C.
    assert (P : INR (2 ^ n) = 2 ^ n) by (rewrite pow_INR; reflexivity). rewrite P in C.
    assert (Q : w_max / epsilon <= 2 ^ n).
    { apply Rmult_le_reg_r with epsilon; [lra|]. unfold Rdiv.
      rewrite Rmult_assoc, Rinv_l by lra. lra. }
    apply Rmult_le_reg_r with (ln 2); [lra|]. unfold Rdiv at 1.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r, <- ln_pow by lra.
    apply ln_le; [apply Rdiv_lt_0_compat; lra|exact Q].
  - intros n epsilon He s w_max. split; [apply counting_attained, He|]. unfold w_max.
    replace (2 ^ n * epsilon / epsilon) with (2 ^ n) by (field; lra). rewrite ln_pow by lra. field. lra.
Qed.

(** ** With luck: double counting *)

(** How many of [K] statements hold. *)
Definition how_many (K : nat) (A : nat -> Prop) : R :=
  sum K (fun i => if excluded_middle_informative (A i) then 1 else 0).

(** If no outcome is in more than [N] of some events, their probabilities add up to at most [N]. *)
Lemma double_counting {Om} (P : probability Om) K (A : nat -> Om -> Prop) : forall B N, ev P B ->
  (forall i, (i < K)%nat -> ev P (A i)) -> (forall om, B om -> how_many K (fun i => A i om) <= N) ->
  sum K (fun i => Pr P (fun om => B om /\ A i om)) <= N * Pr P B.
Proof.
  induction K as [|K IH]; intros B N HB HA H.
  - simpl. destruct (classic (exists om, B om)) as [(om & Hom)|No].
    + apply Rmult_le_pos; [exact (H om Hom)|apply Pr_pos, HB].
    + rewrite (Pr_ext _ P B (fun _ => False)), Pr_false by (intros om; split; [|tauto]; eauto). lra.
  - (* in the part of [B] inside [A K] one of the events is used up *)
    set (B1 := fun om => B om /\ A K om). set (B0 := fun om => B om /\ ~ A K om).
    assert (V1 : ev P B1) by (apply ev_and; auto).
    assert (V0 : ev P B0) by (apply ev_and; [|apply ev_not]; auto).
    assert (I1 : sum K (fun i => Pr P (fun om => B1 om /\ A i om)) <= (N - 1) * Pr P B1).
    { apply IH; [exact V1|auto|]. intros om [Hb Ha]. specialize (H om Hb). unfold how_many in *.
      rewrite sum_S in H. destruct (excluded_middle_informative (A K om)); [lra|tauto]. }
    assert (I0 : sum K (fun i => Pr P (fun om => B0 om /\ A i om)) <= N * Pr P B0).
    { apply IH; [exact V0|auto|]. intros om [Hb Ha]. specialize (H om Hb). unfold how_many in *.
      rewrite sum_S in H. destruct (excluded_middle_informative (A K om)); [tauto|lra]. }
    rewrite sum_S, (sum_ext K _ (fun i => Pr P (fun om => B1 om /\ A i om) +
      Pr P (fun om => B0 om /\ A i om))).
    + rewrite sum_plus, (Pr_cases P B (A K) HB ltac:(auto)).
      change (Pr P (fun om => B om /\ A K om)) with (Pr P B1).
      change (Pr P (fun om => B om /\ ~ A K om)) with (Pr P B0). lra.
    + intros i Hi. rewrite (Pr_cases P (fun om => B om /\ A i om) (A K)) by
        (auto || (apply ev_and; auto)). unfold B1, B0.
      f_equal; apply Pr_ext; intros om; tauto.
Qed.

(** At most [N] points are served if each of [N] servers serves at most one. *)
Lemma how_many_served K N (A : nat -> Prop) (serves : nat -> nat -> Prop) :
  (forall i, (i < K)%nat -> A i -> exists q, (q < N)%nat /\ serves q i) ->
  (forall q i j, (i < j < K)%nat -> serves q i -> serves q j -> False) -> how_many K A <= INR N.
Proof.
  intros HA H1. set (one := fun q i => if excluded_middle_informative (serves q i) then 1 else 0).
  assert (O : forall q i, 0 <= one q i)
    by (intros; unfold one; destruct (excluded_middle_informative _); lra).
  apply Rle_trans with (sum K (fun i => sum N (fun q => one q i))).
  - apply sum_le. intros i Hi. destruct (excluded_middle_informative (A i)) as [Y|Y].
    + destruct (HA i Hi Y) as (q & Hq & S).
      eapply Rle_trans; [|apply (sum_term N q (fun q => one q i) Hq); intros; apply O].
      unfold one. destruct (excluded_middle_informative _); [lra|tauto].
    + apply sum_nonneg. auto.
  - rewrite sum_swap, <- (Rmult_1_r (INR N)), <- sum_const. apply sum_le. intros q _.
    specialize (H1 q). clear HA. induction K as [|K IH]; [simpl; lra|]. rewrite sum_S.
    destruct (classic (serves q K)) as [Y|Y].
    + assert (V : one q K <= 1) by (unfold one; destruct (excluded_middle_informative _); lra).
      rewrite sum_zero; [lra|]. intros i Hi. unfold one.
      destruct (excluded_middle_informative (serves q i)) as [Z|Z]; [|reflexivity].
      exfalso. apply (H1 i K); auto.
    + assert (V : one q K = 0)
        by (unfold one; destruct (excluded_middle_informative _); tauto || reflexivity).
      rewrite V, Rplus_0_r. apply IH. intros i j Hij. apply H1. lia.
Qed.

(** ** Points on a grid *)

(** Coordinate [t] of point [i]: its digit, if digit [t] has [b t] values. *)
Fixpoint coordinate (b : nat -> nat) (t i : nat) : nat :=
  match t with
  | O => (i mod b O)%nat
  | S t => coordinate (fun q => b (S q)) t (i / b O)
  end.

Fixpoint points (b : nat -> nat) (D : nat) : nat :=
  match D with O => 1%nat | S D => (b O * points (fun q => b (S q)) D)%nat end.

Lemma coordinate_lt b t i : (forall q, (1 <= b q)%nat) -> (coordinate b t i < b t)%nat.
Proof.
  revert b i. induction t as [|t IH]; intros b i H; simpl.
  - apply Nat.mod_upper_bound. specialize (H O). lia.
  - apply (IH (fun q => b (S q))). auto.
Qed.

Lemma coordinates_differ b D i j : (forall q, (1 <= b q)%nat) -> (i < points b D)%nat ->
  (j < points b D)%nat -> i <> j -> exists t, (t < D)%nat /\ coordinate b t i <> coordinate b t j.
Proof.
  revert b i j. induction D as [|D IH]; intros b i j H Hi Hj N; simpl in Hi, Hj; [lia|].
  destruct (Nat.eq_dec (i mod b O) (j mod b O)) as [E|E]; [|exists O; split; [lia|exact E]].
  assert (B : b O <> O) by (specialize (H O); lia).
  destruct (IH (fun q => b (S q)) (i / b O) (j / b O))%nat as (t & Ht & Q).
  - auto.
  - apply Nat.div_lt_upper_bound; assumption.
  - apply Nat.div_lt_upper_bound; assumption.
  - intros K. apply N. rewrite (Nat.div_mod i (b O) B), (Nat.div_mod j (b O) B), E, K. reflexivity.
  - exists (S t). split; [lia|exact Q].
Qed.

Lemma ln_points b D : (forall q, (1 <= b q)%nat) ->
  0 < INR (points b D) /\ ln (INR (points b D)) = sum D (fun t => ln (INR (b t))).
Proof.
  revert b. induction D as [|D IH]; intros b H; [simpl; rewrite ln_1; lra|].
  destruct (IH (fun q => b (S q))) as [P E]; [auto|]. cbn [points]. rewrite mult_INR.
  assert (B : 0 < INR (b O)) by (apply lt_0_INR; specialize (H O); lia).
  split; [apply Rmult_lt_0_compat; assumption|]. rewrite ln_mult, E by assumption.
  change (S D) with (1 + D)%nat. rewrite sum_split.
  replace (sum 1 (fun t => ln (INR (b t)))) with (ln (INR (b O))) by (cbn [sum]; ring). reflexivity.
Qed.

(** In a range [- w] to [w] this many points are more than [2 epsilon] from each other. *)
Definition spaced (w epsilon : R) : nat := nceil (w / epsilon).
Definition grid_point (w epsilon : R) (i : nat) : R :=
  - w + INR i * (2 * w / INR (spaced w epsilon - 1)).

Lemma spaced_points w epsilon : 0 < epsilon -> 0 < w ->
  let b := spaced w epsilon in (1 <= b)%nat /\ w / epsilon <= INR b /\
  (forall i, (i < b)%nat -> Rabs (grid_point w epsilon i) <= w) /\
  (forall i j, (i < b)%nat -> (j < b)%nat -> i <> j ->
   2 * epsilon < Rabs (grid_point w epsilon i - grid_point w epsilon j)).
Proof.
  intros He Hw b. assert (X : 0 < w / epsilon) by (apply Rdiv_lt_0_compat; lra).
  assert (E : w / epsilon * epsilon = w) by (field; lra).
  pose proof (nceil_ge (w / epsilon)) as G. pose proof (nceil_lt (w / epsilon) ltac:(lra)) as L.
  change (nceil (w / epsilon)) with b in G, L.
  assert (B : (1 <= b)%nat) by (apply INR_lt; simpl; lra).
  split; [exact B|]. split; [exact G|]. unfold grid_point. fold b.
  destruct (Nat.eq_dec b 1) as [B1|B1].
  { rewrite B1. split; [|intros; lia]. intros i Hi. replace i with O by lia.
    simpl INR. rewrite Rmult_0_l, Rplus_0_r, Rabs_Ropp, Rabs_pos_eq; lra. }
  assert (P : 0 < INR (b - 1)) by (apply lt_0_INR; lia).
  set (d := 2 * w / INR (b - 1)). assert (Ed : INR (b - 1) * d = 2 * w) by (unfold d; field; lra).
  assert (D : 2 * epsilon < d) by (rewrite minus_INR in * by lia; simpl in *; nra).
  split.
  - intros i Hi. assert (0 <= INR i <= INR (b - 1)) by (split; [apply pos_INR|apply le_INR; lia]).
    apply Rabs_le. nra.
  - assert (S : forall i j, (i < j)%nat -> INR i * d + 2 * epsilon < INR j * d).
    { intros i j H. assert (INR i + 1 <= INR j) by (rewrite <- S_INR; apply le_INR; lia). nra. }
    intros i j _ _ N. destruct (Nat.lt_ge_cases i j) as [H|H].
    + specialize (S i j H). rewrite Rabs_left; lra.
    + specialize (S j i ltac:(lia)). rewrite Rabs_pos_eq; lra.
Qed.

(** [counting-effective-weights] (whole): the [D] free weights of all layers stand in one row, each
    with its range [w t]; [s om q] are the effective weights that mask [q] gives in the outcome [om];
    [ln x / ln 2] is the logarithm to base 2. *)
Theorem counting_effective_weights {Om} (P : probability Om) N D (s : Om -> nat -> nat -> R)
    (w : nat -> R) epsilon delta :
  0 < epsilon -> 0 <= delta < 1 -> (forall t, 0 < w t) ->
  (forall W : nat -> R, (forall t, (t < D)%nat -> Rabs (W t) <= w t) ->
     exists served, ev P served /\ 1 - delta <= Pr P served /\ forall om, served om ->
     exists q, (q < 2 ^ N)%nat /\ forall t, (t < D)%nat -> Rabs (s om q t - W t) <= epsilon) ->
  let B := sum D (fun t => if Rlt_dec epsilon (w t) then ln (w t / epsilon) / ln 2 else 0) in
  INR N >= B - ln (/ (1 - delta)) / ln 2.
Proof.
  intros He Hd Hw H B. assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  set (b := fun t => spaced (w t) epsilon).
  assert (G := fun t => spaced_points (w t) epsilon He (Hw t)). cbv zeta in G.
  assert (Hb : forall t, (1 <= b t)%nat) by (intros t; apply G).
  set (W := fun i t => grid_point (w t) epsilon (coordinate b t i)). set (K := points b D).
  assert (F : forall i, exists A, ev P A /\ 1 - delta <= Pr P A /\ forall om, A om ->
    exists q, (q < 2 ^ N)%nat /\ forall t, (t < D)%nat -> Rabs (s om q t - W i t) <= epsilon).
  { intros i. apply H. intros t _. apply G. apply coordinate_lt, Hb. }
  apply choice in F. destruct F as (A & HA).
  (* each mask serves at most one point of the grid *)
  assert (C : sum K (fun i => Pr P (fun om => True /\ A i om)) <= INR (2 ^ N) * Pr P (fun _ => True)).
  { apply double_counting; [apply ev_true|intros; apply HA|]. intros om _.
    apply how_many_served with (serves := fun q i => forall t, (t < D)%nat ->
      Rabs (s om q t - W i t) <= epsilon); [intros i _ Y; apply (HA i), Y|].
    intros q i j [Hij Hj] Si Sj.
    destruct (coordinates_differ b D i j Hb ltac:(fold K; lia) Hj ltac:(lia)) as (t & Ht & Q).
    specialize (Si t Ht). specialize (Sj t Ht). destruct (G t) as (_ & _ & _ & Far).
    specialize (Far _ _ (coordinate_lt b t i Hb) (coordinate_lt b t j Hb) Q).
    fold (W i t) (W j t) in Far. apply Rabs_le_inv in Si, Sj.
    unfold Rabs in Far. destruct (Rcase_abs _); lra. }
  rewrite Pr_true, Rmult_1_r, pow_INR in C. change (INR 2) with 2 in C.
  assert (C2 : INR K * (1 - delta) <= 2 ^ N).
  { eapply Rle_trans; [|exact C]. rewrite <- sum_const. apply sum_le. intros i _.
    rewrite (Pr_ext _ P _ (A i)) by tauto. apply HA. }
  destruct (ln_points b D Hb) as [PK EK]. fold K in PK, EK.
  assert (LB : B * ln 2 <= ln (INR K)).
  { rewrite EK. unfold B. rewrite Rmult_comm, <- sum_scal. apply sum_le. intros t _.
    destruct (G t) as (_ & G1 & _). destruct (Rlt_dec epsilon (w t)) as [Y|Y].
    - replace (ln 2 * (ln (w t / epsilon) / ln 2)) with (ln (w t / epsilon)) by (field; lra).
      apply ln_le; [apply Rdiv_lt_0_compat; [apply Hw|lra]|exact G1].
    - rewrite Rmult_0_r, <- ln_1. apply ln_le; [lra|]. apply (le_INR 1), Hb. }
  apply ln_le in C2; [|apply Rmult_lt_0_compat; lra].
  rewrite ln_mult, ln_pow in C2 by lra. rewrite ln_Rinv by lra. apply Rle_ge.
  apply Rmult_le_reg_r with (ln 2); [exact L2|].
  replace ((B - - ln (1 - delta) / ln 2) * ln 2) with (B * ln 2 + ln (1 - delta)) by (field; lra). lra.
Qed.

(** [counting-random] (part): the bound, and that there is no [delta] in it if all weights are served at
    once with positive probability; that middles of cells attain it is not here. *)
Theorem counting_random {Om} (P : probability Om) n (s : Om -> nat -> R) w_max epsilon delta :
  0 < epsilon -> 0 < w_max -> 0 <= delta < 1 ->
  ((forall w, - w_max <= w <= w_max -> exists served, ev P served /\ 1 - delta <= Pr P served /\
      forall om, served om -> exists i, (i < 2 ^ n)%nat /\ Rabs (w - s om i) <= epsilon) ->
   INR n >= ln ((1 - delta) * w_max / epsilon) / ln 2) /\
  (forall all, ev P all -> 0 < Pr P all -> (forall om, all om -> forall w, - w_max <= w <= w_max ->
      exists i, (i < 2 ^ n)%nat /\ Rabs (w - s om i) <= epsilon) ->
   INR n >= ln (w_max / epsilon) / ln 2).
Proof.
  intros He Hv Hd. split; intros.
  - pose proof (counting_effective_weights P n 1 (fun om i _ => s om i) (fun _ => w_max) epsilon delta
      ltac:(lra) Hd ltac:(intros; lra)) as C. cbv zeta in C.
    assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
    assert (X : 0 < w_max / epsilon) by (apply Rdiv_lt_0_compat; lra).
    replace ((1 - delta) * w_max / epsilon) with ((1 - delta) * (w_max / epsilon)) by (field; lra).
    rewrite ln_mult by lra. apply Rge_le in C.
    + apply Rle_ge. eapply Rle_trans; [|exact C]. simpl sum. rewrite ln_Rinv by lra.
      destruct (Rlt_dec epsilon w_max) as [Y|Y]; [right; field; lra|].
      assert (w_max / epsilon <= 1) by (apply Rmult_le_reg_r with epsilon; [lra|];
        unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra).
      assert (ln (w_max / epsilon) <= 0) by (rewrite <- ln_1; apply ln_le; lra).
      apply Rmult_le_reg_r with (ln 2); [exact L2|]. unfold Rdiv.
      rewrite Rmult_minus_distr_r, !Rmult_assoc, Rinv_l by lra. lra.
    + intros W HW. destruct (H (W O)) as (A & V & Q & HA); [apply Rabs_le_inv, HW; lia|].
      exists A. split; [exact V|]. split; [exact Q|]. intros om Y.
      destruct (HA om Y) as (i & Hi & B). exists i. split; [exact Hi|]. intros t Ht.
      replace t with O by lia. rewrite Rabs_minus_sym. exact B.
  - destruct (classic (exists om, all om)) as [(om & Hom)|No].
    + apply Rle_ge, (proj1 counting_one_weight n (s om) w_max epsilon); auto.
    + exfalso. rewrite (Pr_ext _ P all (fun _ => False)), Pr_false in H0
        by (intros om; split; [|tauto]; eauto). lra.
Qed.

(** ** A layer by its function *)

(** [radius] times the unit vector [j]. *)
Definition on_axis (radius : R) (j i : nat) : R := if Nat.eqb j i then radius else 0.

Lemma norm_on_axis m radius j : (j < m)%nat -> 0 <= radius -> norm m (on_axis radius j) = radius.
Proof.
  intros Hj Hr. unfold norm, sq, on_axis.
  rewrite (sum_ext m _ (fun i => if Nat.eqb j i then radius * radius else 0)) by
    (intros i _; destruct (Nat.eqb j i); ring).
  rewrite (sum_pick m j (fun _ => radius * radius)) by exact Hj. apply sqrt_square, Hr.
Qed.

(** No entry is larger than the 2-norm. *)
Lemma entry_le_norm n (v : vec) o : (o < n)%nat -> Rabs (v o) <= norm n v.
Proof.
  intros Ho. unfold norm. rewrite <- sqrt_Rsqr_abs. apply sqrt_le_1_alt. unfold Rsqr, sq.
  apply (sum_term n o (fun o => v o * v o)); [exact Ho|]. intros; apply square_nonneg.
Qed.

(** Both layers below: [h] follows W, and shows entries within [half] of [centre] as they are. *)
Lemma counting_functions {Om} (P : probability Om) N n m (g : Om -> nat -> vec -> vec)
    (h : R -> R) centre half radius epsilon delta :
  0 < half -> 0 < radius -> 0 < epsilon -> 0 <= delta < 1 ->
  (forall v, Rabs (v - centre) <= half -> h (radius * v) = radius * v) ->
  (forall W : nat -> nat -> R, (forall o j, Rabs (W o j - centre) <= half) ->
     exists served, ev P served /\ 1 - delta <= Pr P served /\ forall om, served om ->
     exists q, (q < 2 ^ N)%nat /\ forall x, (forall j, 0 <= x j) -> norm m x <= radius ->
     norm n (fun o => g om q x o - h (sum m (fun j => W o j * x j))) <= epsilon) ->
  INR N >= INR n * INR m * (ln (half * radius / epsilon) / ln 2) - ln (/ (1 - delta)) / ln 2.
Proof.
  intros Hv Hr He Hd Hh H. assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (E : 0 < epsilon / radius) by (apply Rdiv_lt_0_compat; lra).
  assert (D : forall t, (t < n * m)%nat -> (t / m < n)%nat /\ (t mod m < m)%nat).
  { intros t Ht. assert (m <> 0)%nat by lia. split; [|apply Nat.mod_upper_bound; assumption].
    apply Nat.div_lt_upper_bound; [assumption|lia]. }
  pose proof (counting_effective_weights P N (n * m)
    (fun om q t => g om q (on_axis radius (t mod m)) (t / m)%nat / radius - centre) (fun _ => half)
    (epsilon / radius) delta E Hd ltac:(intros; exact Hv)) as C. cbv beta zeta in C.
  replace (half * radius / epsilon) with (half / (epsilon / radius)) by (field; lra).
  rewrite sum_const, mult_INR in C. apply Rge_le in C.
  - apply Rle_ge. eapply Rle_trans; [|exact C]. apply Rplus_le_compat_r.
    apply Rmult_le_compat_l; [apply Rmult_le_pos; apply pos_INR|].
    destruct (Rlt_dec (epsilon / radius) half) as [Y|Y]; [lra|].
    assert (Q : half / (epsilon / radius) <= 1).
    { apply Rmult_le_reg_r with (epsilon / radius); [exact E|]. unfold Rdiv at 1.
      rewrite Rmult_assoc, Rinv_l by lra. lra. }
    apply ln_le in Q; [|apply Rdiv_lt_0_compat; lra]. rewrite ln_1 in Q.
    apply Rmult_le_reg_r with (ln 2); [exact L2|]. unfold Rdiv at 1.
    rewrite Rmult_assoc, Rinv_l by lra. lra.
  - intros V HV. set (W := fun o j => centre + if le_lt_dec m j then 0 else
      if le_lt_dec n o then 0 else V (o * m + j)%nat).
    destruct (H W) as (A & VA & QA & HA).
    { intros o j. unfold W. rewrite Rplus_comm. unfold Rminus. rewrite Rplus_assoc, Rplus_opp_r, Rplus_0_r.
      destruct (le_lt_dec m j); [rewrite Rabs_R0; lra|].
      destruct (le_lt_dec n o); [rewrite Rabs_R0; lra|]. apply HV. nia. }
    exists A. split; [exact VA|]. split; [exact QA|]. intros om Y. destruct (HA om Y) as (q & Hq & B).
    exists q. split; [exact Hq|]. intros t Ht. destruct (D t Ht) as [D1 D2].
    set (o := (t / m)%nat) in *. set (j := (t mod m)%nat) in *.
    assert (Et : t = (o * m + j)%nat) by (unfold o, j; rewrite (Nat.mul_comm _ m); apply Nat.div_mod; lia).
    assert (EW : W o j = centre + V t).
    { unfold W. destruct (le_lt_dec m j); [lia|]. destruct (le_lt_dec n o); [lia|].
      rewrite <- Et. reflexivity. }
    specialize (B (on_axis radius j)). rewrite norm_on_axis in B by (exact D2 || lra).
    specialize (B ltac:(intros i; unfold on_axis; destruct (Nat.eqb j i); lra) ltac:(lra)).
    pose proof (Rle_trans _ _ _ (entry_le_norm n _ o D1) B) as Z. cbv beta in Z.
    rewrite (sum_ext m _ (fun i => if Nat.eqb j i then W o i * radius else 0)) in Z by
      (intros i _; unfold on_axis; destruct (Nat.eqb j i); ring).
    rewrite (sum_pick m j (fun i => W o i * radius)) in Z by exact D2.
    rewrite (Rmult_comm (W o j)), Hh in Z.
    + replace (g om q (on_axis radius j) o / radius - centre - V t) with
        (/ radius * (g om q (on_axis radius j) o - radius * W o j)) by (rewrite EW; field; lra).
      rewrite Rabs_mult, Rabs_pos_eq by (left; apply Rinv_0_lt_compat, Hr).
      unfold Rdiv. rewrite (Rmult_comm epsilon). apply Rmult_le_compat_l; [|exact Z].
      left. apply Rinv_0_lt_compat, Hr.
    + rewrite EW. replace (centre + V t - centre) with (V t) by ring. apply HV, Ht.
Qed.

(** [counting-layer] (part): with 1 in place of the book's κ_n, which is at least 1 (a ball lies in a
    cube); the functions have to be right for inputs of at least 0 only. *)
Theorem counting_layer {Om} (P : probability Om) N n m (g : Om -> nat -> vec -> vec) w_max radius
    epsilon delta :
  0 < w_max -> 0 < radius -> 0 < epsilon -> 0 <= delta < 1 ->
  (forall W : nat -> nat -> R, (forall o j, Rabs (W o j) <= w_max) ->
     exists served, ev P served /\ 1 - delta <= Pr P served /\ forall om, served om ->
     exists q, (q < 2 ^ N)%nat /\ forall x, (forall j, 0 <= x j) -> norm m x <= radius ->
     norm n (fun o => g om q x o - sum m (fun j => W o j * x j)) <= epsilon) ->
  INR N >= INR n * INR m * (ln (w_max * radius / epsilon) / ln 2) - ln (/ (1 - delta)) / ln 2.
Proof.
  intros Hv Hr He Hd H.
  apply (counting_functions P N n m g (fun v => v) 0 w_max radius epsilon delta); auto.
  intros W HW. apply H. intros o j. rewrite <- (Rminus_0_r (W o j)). apply HW.
Qed.

(** [counting-relu-layer] (part): as [counting-layer], with 1 in place of κ_n. *)
Theorem counting_relu_layer {Om} (P : probability Om) N n m (g : Om -> nat -> vec -> vec) w_max radius
    epsilon delta :
  0 < w_max -> 0 < radius -> 0 < epsilon -> 0 <= delta < 1 ->
  (forall W : nat -> nat -> R, (forall o j, Rabs (W o j) <= w_max) ->
     exists served, ev P served /\ 1 - delta <= Pr P served /\ forall om, served om ->
     exists q, (q < 2 ^ N)%nat /\ forall x, (forall j, 0 <= x j) -> norm m x <= radius ->
     norm n (fun o => g om q x o - relu (sum m (fun j => W o j * x j))) <= epsilon) ->
  INR N >= INR n * INR m * (ln (w_max * radius / (2 * epsilon)) / ln 2) - ln (/ (1 - delta)) / ln 2.
Proof.
  intros Hv Hr He Hd H.
  replace (w_max * radius / (2 * epsilon)) with (w_max / 2 * radius / epsilon) by (field; lra).
  apply (counting_functions P N n m g relu (w_max / 2) (w_max / 2) radius epsilon delta); auto; try lra.
  - intros v V. apply Rabs_le_inv in V. apply relu_pos. apply Rmult_le_pos; lra.
  - intros W HW. apply H. intros o j. specialize (HW o j). apply Rabs_le_inv in HW.
    apply Rabs_le. lra.
Qed.
