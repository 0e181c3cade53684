(** * Golden-ratio digits (chapter _golden_ratio_)

    Digit [i], from 1 to [k], is a number [x i]; the book's γ is [gamma], its φ is [phi]. *)

From Coq Require Import Reals Lra Psatz Lia Arith List.
From GoldenTickets Require Import Sums.
Open Scope R_scope.

(** ** Greedy digits *)

Section Greedy.
Variables (x : nat -> R) (w : R).

(** What is left of [w] after the digits 1, ..., [k]: a digit is taken if it fits. *)
Fixpoint rest (k : nat) : R :=
  match k with
  | O => w
  | S i => if Rle_dec (x (S i)) (rest i) then rest i - x (S i) else rest i
  end.

(** The bit of digit [S i]. *)
Definition bit (i : nat) : bool := if Rle_dec (x (S i)) (rest i) then true else false.

(** What the chosen digits add up to. *)
Definition greedy (k : nat) : R := sum k (fun i => if bit i then x (S i) else 0).

Lemma rest_greedy k : rest k = w - greedy k.
Proof.
  unfold greedy. induction k as [|k IH]; simpl; [lra|]. unfold bit at 2.
  destruct (Rle_dec (x (S k)) (rest k)); lra.
Qed.
End Greedy.

(** ** The golden ratio *)

Definition phi := (1 + sqrt 5) / 2.

Lemma phi_gt_1 : 1 < phi.
Proof.
  unfold phi. assert (1 < sqrt 5); [|lra]. rewrite <- sqrt_1 at 1. apply sqrt_lt_1; lra.
Qed.

(** All that is used of φ. *)
Lemma le_phi gamma : 1 < gamma -> (gamma * gamma <= gamma + 1 <-> gamma <= phi).
Proof.
  intros Hg. pose proof (sqrt_sqrt 5 ltac:(lra)). pose proof (sqrt_pos 5).
  unfold phi. split; intros H1; nra.
Qed.

Lemma gt_phi gamma : 1 < gamma -> phi < gamma -> gamma * gamma > gamma + 1.
Proof.
  intros Hg Hp. destruct (Rle_dec (gamma * gamma) (gamma + 1)) as [H|H]; [|lra].
  apply le_phi in H; lra.
Qed.

Lemma inv_pow_pos gamma p : 1 < gamma -> 0 < / gamma ^ p.
Proof. intros H. apply Rinv_0_lt_compat, pow_lt. lra. Qed.

Lemma inv_pow_le gamma p q : 1 < gamma -> (p <= q)%nat -> / gamma ^ q <= / gamma ^ p.
Proof. intros H Hpq. apply Rinv_le_contravar; [apply pow_lt; lra|apply Rle_pow; [lra|exact Hpq]]. Qed.

Lemma inv_pow_lt gamma p q : 1 < gamma -> (p < q)%nat -> / gamma ^ q < / gamma ^ p.
Proof.
  intros H Hpq. apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; apply pow_lt; lra|].
  apply Rlt_pow; [lra|exact Hpq].
Qed.

(** Powers that follow each other, in terms of the lowest one. *)
Lemma by_lowest_power gamma k : 1 < gamma ->
  let p := / gamma ^ (S k + 1) in
  0 < p /\ / gamma ^ k = gamma * gamma * p /\ / gamma ^ S k = gamma * p.
Proof.
  intros Hg p. split; [apply inv_pow_pos, Hg|]. unfold p. rewrite Nat.add_1_r. simpl.
  assert (0 < gamma ^ k) by (apply pow_lt; lra). split; field; lra.
Qed.

(** ** Digits suffice up to φ *)

(** The lemma, with all segments scaled by [w_max]. *)
Lemma digits_suffice_scaled gamma w_max x w k :
  1 < gamma -> gamma * gamma <= gamma + 1 -> 0 <= w <= w_max ->
  (forall i, (1 <= i <= k)%nat -> w_max * / gamma ^ (i + 1) <= x i <= w_max * / gamma ^ i) ->
  0 <= w - greedy x w k <= w_max * / gamma ^ k.
Proof.
  intros Hg Hphi Hw. rewrite <- rest_greedy. induction k as [|k IH]; intros Hx.
  - simpl. lra.
  - assert (H : 0 <= rest x w k <= w_max * / gamma ^ k) by (apply IH; intros; apply Hx; lia).
    destruct (Hx (S k)) as [Hl Hu]; [lia|].
    destruct (by_lowest_power gamma k Hg) as (P & E1 & E2). rewrite E1 in H. rewrite E2 in Hu |- *.
    set (p := / gamma ^ (S k + 1)) in *. simpl rest.
    assert (0 <= w_max * p) by nra.
    destruct (Rle_dec (x (S k)) (rest x w k)); [|lra]. nra.
Qed.

(** [digits-suffice] (whole): the lemma as the book has it. *)
Theorem digits_suffice gamma k (x : nat -> R) w :
  1 < gamma <= phi -> 0 <= w <= 1 ->
  (forall i, (1 <= i <= k)%nat -> / gamma ^ (i + 1) <= x i <= / gamma ^ i) ->
  0 <= w - greedy x w k <= / gamma ^ k.
Proof.
  intros [Hg Hp] Hw Hx. rewrite <- (Rmult_1_l (/ gamma ^ k)).
  apply digits_suffice_scaled; auto; [apply le_phi; auto|].
  intros i Hi. rewrite !Rmult_1_l. auto.
Qed.

(** [exact-binary-digits] (whole). *)
Theorem exact_binary_digits k :
  (forall w, 0 <= w <= 1 -> 0 <= w - greedy (fun i => / 2 ^ i) w k <= / 2 ^ k) /\
  1 - greedy (fun i => / 2 ^ i) 1 k = / 2 ^ k.
Proof.
  assert (E : forall k, 0 < / 2 ^ k /\ / 2 ^ k = 2 * / 2 ^ S k).
  { intros i. assert (0 < 2 ^ i) by (apply pow_lt; lra).
    split; [apply Rinv_0_lt_compat; lra|simpl; field; lra]. }
  split; [intros w Hw|]; rewrite <- rest_greedy; induction k as [|k IH]; try (simpl; lra);
    destruct (E k) as [P Ek]; rewrite Ek in IH; cbn [rest]; destruct (Rle_dec _ _); lra.
Qed.

(** ** Digits fail above φ *)

(** The sum of the digits of [1, ..., k] that [b] chooses. *)
Definition subset_sum (k : nat) (x : nat -> R) (b : nat -> bool) : R :=
  sum k (fun i => if b i then x (S i) else 0).

(** The lowest samples after digit [j]: a geometric sum. *)
Lemma low_tail gamma j r : 1 < gamma ->
  sum r (fun i => / gamma ^ (j + S i + 1)) =
  / (gamma * (gamma - 1)) * (/ gamma ^ j - / gamma ^ (j + r)).
Proof.
  intros Hg. induction r as [|r IH]; [rewrite Nat.add_0_r; simpl; lra|]. rewrite sum_S, IH.
  replace (j + S r + 1)%nat with (S (S (j + r))) by lia.
  replace (j + S r)%nat with (S (j + r)) by lia. simpl.
  assert (gamma ^ (j + r) <> 0) by (apply pow_nonzero; lra).
  assert (gamma ^ j <> 0) by (apply pow_nonzero; lra). field. repeat split; lra.
Qed.

(** Some of the lowest samples are together at most all of them. *)
Lemma low_sum gamma k (b : nat -> bool) : 1 < gamma ->
  subset_sum k (fun i => / gamma ^ (i + 1)) b <= / (gamma * (gamma - 1)) * (1 - / gamma ^ k).
Proof.
  intros Hg. apply Rle_trans with (sum k (fun i => / gamma ^ (0 + S i + 1))).
  - apply sum_le. intros i _. simpl. pose proof (inv_pow_pos gamma (S (i + 1)) Hg) as P.
    simpl in P. destruct (b i); lra.
  - rewrite low_tail by exact Hg. simpl. lra.
Qed.

(** (a) All samples as low as they can be: every subset sum misses 1. *)
Lemma digits_fail_low gamma k (b : nat -> bool) :
  1 < gamma -> gamma * gamma > gamma + 1 -> (1 <= k)%nat ->
  let R := / (gamma * (gamma - 1)) in
  let missed := 1 - subset_sum k (fun i => / gamma ^ (i + 1)) b in
  R < 1 /\ missed >= 1 - R + R * / gamma ^ k /\ missed > 1 - R /\ missed > / gamma ^ k.
Proof.
  intros Hg Hphi Hk R missed.
  assert (D : 0 < gamma * (gamma - 1)) by nra.
  assert (HR : R * (gamma * (gamma - 1)) = 1) by (unfold R; field; lra).
  assert (R0 : 0 < R) by (apply Rinv_0_lt_compat; lra).
  assert (R1 : R < 1) by nra.
  pose proof (low_sum gamma k b Hg) as S1. fold R in S1.
  pose proof (inv_pow_pos gamma k Hg) as P.
  assert (P1 : / gamma ^ k < 1).
  { pose proof (inv_pow_lt gamma 0 k Hg ltac:(lia)) as Q. simpl in Q. lra. }
  unfold missed. repeat split; nra.
Qed.

(** (b) Digit [j] as high as it can be, those after it as low: no subset sum is in the gap. *)
Lemma digits_fail_gap gamma k j (x : nat -> R) (b : nat -> bool) :
  1 < gamma -> (1 <= j <= k)%nat ->
  (forall i, (1 <= i < j)%nat -> / gamma ^ (i + 1) <= x i) -> x j = / gamma ^ j ->
  (forall i, (j < i <= k)%nat -> x i = / gamma ^ (i + 1)) ->
  subset_sum k x b >= / gamma ^ j \/
  subset_sum k x b < / (gamma * (gamma - 1)) * / gamma ^ j.
Proof.
  intros Hg Hj H1 H2 H3. set (R := / (gamma * (gamma - 1))).
  pose proof (fun p => inv_pow_pos gamma p Hg) as PW.
  assert (NN : forall i, (i < k)%nat -> 0 <= (if b i then x (S i) else 0)).
  { intros i Hi. destruct (b i); [|lra]. destruct (lt_eq_lt_dec (S i) j) as [[L|E]|L].
    - eapply Rle_trans; [left; apply (PW (S i + 1)%nat)|apply H1; lia].
    - rewrite E, H2. left; apply PW.
    - rewrite H3 by lia. left; apply PW. }
  destruct (existsb b (seq 0 j)) eqn:E.
  - (* some digit up to j is taken *)
    left. apply existsb_exists in E. destruct E as (i & Hi & Bi). apply in_seq in Hi.
    apply Rle_ge, Rle_trans with (if b i then x (S i) else 0).
    + rewrite Bi. destruct (Nat.eq_dec (S i) j) as [<-|]; [rewrite H2; lra|].
      eapply Rle_trans; [|apply H1; lia]. apply inv_pow_le; [exact Hg|lia].
    + apply (sum_term k i (fun i => if b i then x (S i) else 0)); [lia|exact NN].
  - (* none: the sum of all later ones is too small *)
    right. assert (Z : forall i, (i < j)%nat -> b i = false).
    { intros i Hi. destruct (b i) eqn:Bi; auto. rewrite <- E. symmetry. apply existsb_exists.
      exists i. split; [apply in_seq; lia|exact Bi]. }
    unfold subset_sum. replace k with (j + (k - j))%nat by lia.
    rewrite sum_split, sum_zero by (intros i Hi; rewrite Z; auto).
    apply Rle_lt_trans with (sum (k - j) (fun i => / gamma ^ (j + S i + 1))).
    + rewrite Rplus_0_l. apply sum_le. intros i Hi. destruct (b (j + i)%nat); [|left; apply PW].
      rewrite H3 by lia. right. do 2 f_equal. lia.
    + rewrite low_tail by exact Hg. fold R.
      assert (0 < R) by (apply Rinv_0_lt_compat; nra). pose proof (PW (j + (k - j))%nat). nra.
Qed.

(** [digits-fail-above-phi] (whole): both parts for every subset, greedy or not. *)
Theorem digits_fail_above_phi gamma k :
  1 < gamma -> phi < gamma -> (1 <= k)%nat ->
  let R := / (gamma * (gamma - 1)) in
  R < 1 /\
  (forall b, let missed := 1 - subset_sum k (fun i => / gamma ^ (i + 1)) b in
     missed >= 1 - R + R * / gamma ^ k /\ 1 - R + R * / gamma ^ k > Rmax (1 - R) (/ gamma ^ k)) /\
  (forall j x b, (1 <= j <= k)%nat ->
     (forall i, (1 <= i < j)%nat -> / gamma ^ (i + 1) <= x i <= / gamma ^ i) ->
     x j = / gamma ^ j -> (forall i, (j < i <= k)%nat -> x i = / gamma ^ (i + 1)) ->
     let gap_middle := (R * / gamma ^ j + / gamma ^ j) / 2 in
     ~ R * / gamma ^ j < subset_sum k x b < / gamma ^ j /\
     Rabs (subset_sum k x b - gap_middle) >= / 2 * (1 - R) * / gamma ^ j).
Proof.
  intros Hg Hp Hk R. pose proof (gt_phi gamma Hg Hp) as Hphi.
  assert (R1 : R < 1) by apply (digits_fail_low gamma k (fun _ => false) Hg Hphi Hk).
  assert (HR : R * (gamma * (gamma - 1)) = 1) by (unfold R; field; nra).
  assert (P : 0 < / gamma ^ k < 1).
  { split; [apply inv_pow_pos, Hg|].
    pose proof (inv_pow_lt gamma 0 k Hg ltac:(lia)) as Q. simpl in Q. lra. }
  split; [exact R1|split].
  - intros b missed. destruct (digits_fail_low gamma k b Hg Hphi Hk) as (_ & M & _).
    split; [exact M|]. apply Rmax_lub_lt; nra.
  - intros j x b Hj H1 H2 H3 middle.
    destruct (digits_fail_gap gamma k j x b Hg Hj) as [A|A]; auto.
    { intros i Hi. apply H1, Hi. }
    all: split; [fold R in A; lra|]; unfold middle; fold R in A; apply Rle_ge.
    + eapply Rle_trans; [|apply Rle_abs]. lra.
    + rewrite <- Rabs_Ropp. eapply Rle_trans; [|apply Rle_abs]. lra.
Qed.

(** [extended-range] (whole): the book's R is [reach]; [b] keeps some of the lowest samples. *)
Theorem extended_range gamma k : 1 < gamma <= phi ->
  let reach := / (gamma * (gamma - 1)) in 1 <= reach /\
  (forall (x : nat -> R) w, 0 <= w <= reach ->
     (forall i, (1 <= i <= k)%nat -> / gamma ^ (i + 1) <= x i <= / gamma ^ i) ->
     0 <= w - greedy x w k <= reach * / gamma ^ k) /\
  (forall b w, reach < w -> w - subset_sum k (fun i => / gamma ^ (i + 1)) b > reach * / gamma ^ k).
Proof.
  intros [Hg Hp] reach. apply le_phi in Hp; [|exact Hg].
  assert (D : 0 < gamma * (gamma - 1)) by nra.
  assert (HR : reach * (gamma * (gamma - 1)) = 1) by (unfold reach; field; lra).
  assert (R1 : 1 <= reach) by nra. split; [exact R1|split].
  - intros x w Hw Hx. rewrite <- rest_greedy. induction k as [|k' IH]; [simpl; lra|].
    assert (H : 0 <= rest x w k' <= reach * / gamma ^ k') by (apply IH; intros; apply Hx; lia).
    destruct (Hx (S k')) as [Hl Hu]; [lia|].
    destruct (by_lowest_power gamma k' Hg) as (P & E1 & E2). rewrite E1 in H. rewrite E2 in Hu |- *.
    set (p := / gamma ^ (S k' + 1)) in *. simpl rest.
    assert (0 <= (reach - 1) * (gamma * p)) by (apply Rmult_le_pos; nra).
    destruct (Rle_dec (x (S k')) (rest x w k')); nra.
  - intros b w Hw. pose proof (low_sum gamma k b Hg) as S1. fold reach in S1. lra.
Qed.
