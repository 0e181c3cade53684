(** * No law fills the digits better (chapter _hyperbolic_) *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical.
From GoldenTickets Require Import Sums Golden_ratio Malach Probability Network Spaces Uniform
  Hyperbolic Main_theorem.
Open Scope R_scope.

(** Of [n] events that exclude each other one has probability [1/n] at most. *)
Lemma least_of_disjoint {Om} (P : probability Om) n (A : nat -> Om -> Prop) : (1 <= n)%nat ->
  (forall i, (i < n)%nat -> ev P (A i)) ->
  (forall i j o, (i < n)%nat -> (j < n)%nat -> A i o -> A j o -> i = j) ->
  exists i, (i < n)%nat /\ Pr P (A i) <= / INR n.
Proof.
  intros Hn HA HD.
  assert (E : forall m, (m <= n)%nat ->
    Pr P (fun o => exists i, (i < m)%nat /\ A i o) = sum m (fun i => Pr P (A i))).
  { induction m as [|m IH]; intros Hm.
    - rewrite (Pr_ext _ P _ (fun _ => False)); [apply Pr_false|].
      intros o; split; [intros (i & Hi & _); lia|tauto].
    - rewrite (Pr_ext _ P _ _ (fun o => ex_S m (fun i => A i o))), Pr_add.
      + rewrite IH by lia. reflexivity.
      + apply ev_ex. intros i Hi. apply HA. lia.
      + apply HA. lia.
      + intros o (i & Hi & Ai) Am. assert (i = m) by (apply (HD i m o); auto; lia). lia. }
  apply NNPP. intros No.
  assert (M : forall i, (i < n)%nat -> / INR n < Pr P (A i)).
  { intros i Hi. apply Rnot_le_lt. intros L. apply No. exists i. auto. }
  assert (S1 : sum n (fun i => Pr P (A i)) <= 1)
    by (rewrite <- E by lia; apply Pr_le1, ev_ex; exact HA).
  assert (N0 : 0 < INR n) by (apply lt_0_INR; lia).
  assert (S2 : 1 < sum n (fun i => Pr P (A i))); [|lra].
  replace 1 with (sum n (fun _ => / INR n)) by (rewrite sum_const; field; lra).
  destruct n as [|n]; [lia|]. rewrite !sum_S.
  apply Rplus_le_lt_compat; [|apply M; lia].
  apply sum_le. intros i Hi. left. apply M. lia.
Qed.

(** The [4 k] categories in one row: digit, sign of [b], sign of [a b]. *)
Definition digit_of (i : nat) : nat := Nat.div2 (Nat.div2 i).

Definition any_category (gamma w_max : R) (i : nat) : R -> R -> Prop :=
  category gamma w_max (sgn (Nat.odd i)) (Nat.odd (Nat.div2 i)) (digit_of i).

Lemma sgn_apart h h' x : 0 < sgn h * x -> 0 < sgn h' * x -> h = h'.
Proof. destruct h, h'; simpl; intros; try reflexivity; lra. Qed.

Lemma categories_exclude gamma w_max i j a b : 1 < gamma -> 0 < w_max ->
  any_category gamma w_max i a b -> any_category gamma w_max j a b -> i = j.
Proof.
  intros Hg Hw (B1 & S1 & D1) (B2 & S2 & D2).
  pose proof (sgn_apart _ _ b B1 B2) as E1.
  pose proof (sgn_apart (Nat.odd i) (Nat.odd j) (a * b) ltac:(lra) ltac:(lra)) as E2.
  pose proof (segments_disjoint gamma w_max _ _ _ Hg Hw D1 D2) as E3.
  unfold digit_of in E3.
  rewrite (Nat.div2_odd i), (Nat.div2_odd j), E2. f_equal. f_equal.
  rewrite (Nat.div2_odd (Nat.div2 i)), (Nat.div2_odd (Nat.div2 j)), E1, E3. reflexivity.
Qed.

Lemma digit_of_lt k i : (i < 4 * k)%nat -> (digit_of i < k)%nat.
Proof.
  intros H. unfold digit_of. pose proof (Nat.div2_odd i). pose proof (Nat.div2_odd (Nat.div2 i)).
  destruct (Nat.odd i), (Nat.odd (Nat.div2 i)); simpl in *; lia.
Qed.

(** In the words of the theorem below. *)
Lemma category_says gamma w_max s h d a b : category gamma w_max (sgn s) h d a b <->
  0 < sgn h * b /\ 0 < sgn s * (a * b) /\
  w_max * / gamma ^ (d + 2) <= Rabs (a * b) < w_max * / gamma ^ (d + 1).
Proof. unfold category. rewrite (Rmult_comm (a * b)). tauto. Qed.

(** [constant-inner-best] (whole): the first three lines after [c] are about one sample of the network,
    made of independent uniform numbers [z 0], [z 1], [z 2]: |b| is 1 and |a| hyperbolic. A sample hits a
    segment with probability exactly [1/k]; one of the [4 k] categories, with [b] of the sign [h] and
    [a b] of the sign [s], with [c]; and if [b] is always 1, one of [2 k] with [1/(2k)]. The next two are
    about any [a] and [b] on any space, if only the categories are events: one of the categories has no
    more. [true] is the sign +. That [/ (8 (k - 1))] is the best of a common range is
    [best-common-range] of the book; it is not here. *)
Theorem constant_inner_best gamma w_max k : 1 < gamma -> 0 < w_max -> (1 <= k)%nat ->
  let segment := fun d x => w_max * / gamma ^ (d + 2) <= Rabs x < w_max * / gamma ^ (d + 1) in
  let hits := fun h s d a b => 0 < sgn h * b /\ 0 < sgn s * (a * b) /\ segment d (a * b) in
  let P := prob (power 0 (fun _ => uniform) 3) in
  let b := fun z : nat -> R => sign (z 0%nat) in
  let a := fun z : nat -> R => sign (z 1%nat) * out_magnitude gamma w_max k (z 2%nat) in
  let c := / (4 * INR k) in
  (forall d, (d < k)%nat -> let hit := fun z => segment d (a z * b z) in
     ev P hit /\ Pr P hit = / INR k) /\
  (forall h s d, (d < k)%nat -> let hit := fun z => hits h s d (a z) (b z) in
     ev P hit /\ Pr P hit = c) /\
  (forall s d, (d < k)%nat -> let hit := fun z => hits true s d (a z) 1 in
     ev P hit /\ Pr P hit = / (2 * INR k)) /\
  (forall Om (P : probability Om) (a b : Om -> R),
     (forall h s d, (d < k)%nat -> ev P (fun o => hits h s d (a o) (b o))) ->
     exists h s d, (d < k)%nat /\ Pr P (fun o => hits h s d (a o) (b o)) <= c) /\
  (forall Om (P : probability Om) (a b : Om -> R),
     (forall s d, (d < k)%nat -> ev P (fun o => hits true s d (a o) (b o))) ->
     exists s d, (d < k)%nat /\ Pr P (fun o => hits true s d (a o) (b o)) <= / (2 * INR k)) /\
  ((2 <= k)%nat -> c = 2 * (INR k - 1) / INR k * / (8 * (INR k - 1))).
Proof.
  intros Hg Hw Hk segment hits P b a c. assert (K1 : 1 <= INR k) by (apply (le_INR 1), Hk).
  assert (S0 : forall s, sgn s <> 0) by (intros []; simpl; lra).
  assert (Says : forall h s d a b, category gamma w_max (sgn s) h d a b <-> hits h s d a b)
    by (intros; apply category_says).
  assert (Mag : forall z, 0 < out_magnitude gamma w_max k (z 2%nat)).
  { intros z. apply (magnitude_pos (w_max * / gamma ^ (k + 1)) (w_max * / gamma) (z 2%nat)).
    apply (hyperbolic_range gamma w_max k Hg Hw Hk). }
  assert (One : forall u, Rabs (sign u) = 1).
  { intros u. destruct (sign_cases u) as [-> | ->]; [apply Rabs_R1|rewrite Rabs_left; lra]. }
  assert (Size : forall z s, Rabs s = 1 -> Rabs (a z * s) = out_magnitude gamma w_max k (z 2%nat)).
  { intros z s E. unfold a. rewrite !Rabs_mult, One, E, (Rabs_pos_eq _ (Rlt_le _ _ (Mag z))). ring. }
  split; [|split; [|split; [|split; [|split]]]].
  - intros d Hd hit. destruct (digit_probability gamma w_max k d Hg Hw Hd) as [V Q]. cbv zeta in V, Q.
    destruct (ev_coordinate 0 (fun _ => uniform) 3 2 _ ltac:(lia) V) as [V' Q'].
    assert (X : forall z : nat -> R, w_max * / gamma ^ (d + 2) <=
      out_magnitude gamma w_max k (z 2%nat) < w_max * / gamma ^ (d + 1) <-> hit z).
    { intros z. unfold hit, segment. rewrite Size by apply One. tauto. }
    split; [apply (ev_ext _ P _ _ X V')|]. rewrite <- (Pr_ext _ P _ _ X). rewrite <- Q. exact Q'.
  - intros h s d Hd hit.
    destruct (category_of_neuron gamma w_max k (sgn s) 3 0 1 2 h d Hg Hw Hd (S0 s) ltac:(lia) ltac:(lia)
      ltac:(lia) ltac:(lia) ltac:(lia) ltac:(lia)) as [V Q].
    assert (X : forall z, category gamma w_max (sgn s) h d (a z) (b z) <-> hit z)
      by (intros; apply Says).
    split; [apply (ev_ext _ P _ _ X V)|]. rewrite <- (Pr_ext _ P _ _ X). exact Q.
  - intros s d Hd hit. destruct (digit_probability gamma w_max k d Hg Hw Hd) as [V3 P3].
    cbv zeta in V3, P3. destruct (sign_probability s) as [V2 P2].
    destruct (two_coordinates 0 (fun _ => uniform) 3 1 2 _ _ ltac:(lia) ltac:(lia) ltac:(lia) V2 V3)
      as [V T].
    cbv beta in V, T. rewrite P2, P3 in T.
    assert (X : forall z : nat -> R, (sign (z 1%nat) = sgn s /\ w_max * / gamma ^ (d + 2) <=
      out_magnitude gamma w_max k (z 2%nat) < w_max * / gamma ^ (d + 1)) <-> hit z).
    { intros z. unfold hit, hits, segment. rewrite Size by apply Rabs_R1. unfold a.
      specialize (Mag z). set (p := out_magnitude gamma w_max k (z 2%nat)) in *. split.
      - intros (H2 & H3). rewrite H2. simpl (sgn true). split; [lra|]. split; [|exact H3].
        replace (sgn s * (sgn s * p * 1)) with (sgn s * sgn s * p) by ring. rewrite sgn_square. lra.
      - intros (_ & H2 & H3). split; [|exact H3].
        destruct (sign_cases (z 1%nat)) as [E|E]; rewrite E in *; destruct s; simpl in *; nra. }
    split; [apply (ev_ext _ P _ _ X V)|]. rewrite <- (Pr_ext _ P _ _ X).
    etransitivity; [exact T|field; lra].
  - intros Om P' a' b' HE.
    destruct (least_of_disjoint P' (4 * k) (fun i o => any_category gamma w_max i (a' o) (b' o)))
      as (i & Hi & Q); [lia| | |].
    + intros i Hi. apply (ev_ext _ P' _ _ (fun o => iff_sym (Says _ _ _ (a' o) (b' o)))).
      apply HE, digit_of_lt, Hi.
    + intros i j o _ _. apply (categories_exclude gamma w_max i j _ _ Hg Hw).
    + exists (Nat.odd (Nat.div2 i)), (Nat.odd i), (digit_of i). split; [apply digit_of_lt, Hi|].
      rewrite <- (Pr_ext _ P' _ _ (fun o => Says _ _ _ (a' o) (b' o))).
      rewrite mult_INR in Q. simpl (INR 4) in Q.
      unfold c. replace (4 * INR k) with ((1 + 1 + 1 + 1) * INR k) by ring. exact Q.
  - intros Om P' a' b' HE.
    set (A := fun i o => hits true (Nat.odd i) (Nat.div2 i) (a' o) (b' o)).
    assert (Lt : forall i, (i < 2 * k)%nat -> (Nat.div2 i < k)%nat).
    { intros i Hi. pose proof (Nat.div2_odd i). destruct (Nat.odd i); simpl in *; lia. }
    destruct (least_of_disjoint P' (2 * k) A ltac:(lia)) as (i & Hi & Q).
    + intros i Hi. apply HE, Lt, Hi.
    + intros i j o _ _ (B1 & S1 & D1) (B2 & S2 & D2).
      pose proof (sgn_apart (Nat.odd i) (Nat.odd j) (a' o * b' o) S1 S2) as E2.
      pose proof (segments_disjoint gamma w_max _ _ _ Hg Hw D1 D2) as E3.
      rewrite (Nat.div2_odd i), (Nat.div2_odd j), E2, E3. reflexivity.
    + exists (Nat.odd i), (Nat.div2 i). split; [apply Lt, Hi|].
      rewrite mult_INR in Q. simpl (INR 2) in Q.
      replace (2 * INR k) with ((1 + 1) * INR k) by ring. exact Q.
  - intros K2. assert (2 <= INR k) by (apply (le_INR 2), K2). unfold c. field. lra.
Qed.
