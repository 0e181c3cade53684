(** * The best base and the best adjacent segments (chapter _golden_ratio_)

    Digit [i], from 1 to [k], lies in the segment from [d (i + 1)] to [d i]. The book's E is the least
    error that such segments guarantee. *)

From Coq Require Import Reals Lra Psatz Lia Arith List.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Golden_ratio.
Open Scope R_scope.

Definition in_segments (d : nat -> R) (k : nat) (x : nat -> R) : Prop :=
  forall i, (1 <= i <= k)%nat -> d (i + 1)%nat <= x i <= d i.

(** Whatever the digits are, some subset sum from below errs by [E] at most. *)
Definition guarantees (d : nat -> R) (k : nat) (E : R) : Prop :=
  forall x w, 0 <= w <= 1 -> in_segments d k x ->
  exists b, 0 <= w - subset_sum k x b <= E.

(** Greedy bits err by [E] at most. *)
Definition greedy_guarantees (d : nat -> R) (k : nat) (E : R) : Prop :=
  forall x w, 0 <= w <= 1 -> in_segments d k x -> 0 <= w - greedy x w k <= E.

Definition least_error (d : nat -> R) (k : nat) (E : R) : Prop :=
  guarantees d k E /\ forall E', guarantees d k E' -> E <= E'.

Lemma greedy_is_a_subset d k E : greedy_guarantees d k E -> guarantees d k E.
Proof. intros H x w Hw Hx. exists (bit x w). apply (H x w Hw Hx). Qed.

(** A number that is above everything below [y] is at least [y]. *)
Lemma le_of_below y E : 0 <= E -> (forall w, 0 <= w < y -> w <= E) -> y <= E.
Proof.
  intros HE H. apply Rnot_lt_le. intros L. pose proof (H ((E + y) / 2) ltac:(lra)). lra.
Qed.

Lemma guaranteed_nonneg d k E x : in_segments d k x -> guarantees d k E -> 0 <= E.
Proof. intros Hx H. destruct (H x 0 ltac:(lra) Hx) as (b & A & B). lra. Qed.

(** ** The best base *)

Lemma powers_decrease gamma k : 1 < gamma ->
  in_segments (fun i => / gamma ^ i) k (fun i => / gamma ^ i).
Proof. intros Hg i Hi. split; [apply inv_pow_le; [exact Hg|lia]|lra]. Qed.

(** Below the smallest digit only the empty sum is left. *)
Lemma power_needed gamma k E : 1 < gamma -> (1 <= k)%nat ->
  guarantees (fun i => / gamma ^ i) k E -> / gamma ^ k <= E.
Proof.
  intros Hg Hk H. pose proof (powers_decrease gamma k Hg) as D.
  apply le_of_below; [apply (guaranteed_nonneg _ k E _ D H)|]. intros w Hw.
  assert (W1 : w <= 1).
  { pose proof (inv_pow_le gamma 0 k Hg ltac:(lia)) as Q. simpl in Q. lra. }
  destruct (H (fun i => / gamma ^ i) w ltac:(lra) D) as (b & A & B).
  assert (NN : forall i, (i < k)%nat -> 0 <= (if b i then / gamma ^ S i else 0)).
  { intros i _. pose proof (inv_pow_pos gamma (S i) Hg). destruct (b i); lra. }
  assert (Z : subset_sum k (fun i => / gamma ^ i) b = 0); [|lra].
  apply sum_zero. intros i Hi. destruct (b i) eqn:Bi; [exfalso|reflexivity].
  pose proof (sum_term k i (fun i => if b i then / gamma ^ S i else 0) Hi NN) as T.
  cbv beta in T. rewrite Bi in T. unfold subset_sum in A.
  pose proof (inv_pow_le gamma (S i) k Hg ltac:(lia)). lra.
Qed.

Lemma greedy_above_phi gamma k : 1 < gamma -> gamma * gamma > gamma + 1 ->
  greedy_guarantees (fun i => / gamma ^ i) k
    (1 - / (gamma * (gamma - 1)) * (1 - / gamma ^ k)).
Proof.
  intros Hg Hp x w Hw Hx. set (R := / (gamma * (gamma - 1))).
  assert (D : 0 < gamma * (gamma - 1)) by nra.
  assert (HR : R * (gamma * (gamma - 1)) = 1) by (unfold R; field; lra).
  assert (R0 : 0 < R) by (apply Rinv_0_lt_compat; lra). assert (R1 : R < 1) by nra.
  rewrite <- rest_greedy. induction k as [|k IH]; [simpl; lra|].
  assert (H : 0 <= rest x w k <= 1 - R * (1 - / gamma ^ k))
    by (apply IH; intros i Hi; apply Hx; lia).
  destruct (Hx (S k)) as [Hl Hu]; [lia|].
  assert (P : 0 < gamma ^ k) by (apply pow_lt; lra).
  pose proof (inv_pow_pos gamma (S k + 1) Hg) as P2.
  pose proof (inv_pow_le gamma 0 (S k) Hg ltac:(lia)) as P1. rewrite pow_O, Rinv_1 in P1.
  assert (E1 : / gamma ^ k = gamma * gamma * / gamma ^ (S k + 1))
    by (rewrite Nat.add_1_r; simpl; field; lra).
  assert (E2 : / gamma ^ S k = gamma * / gamma ^ (S k + 1))
    by (rewrite Nat.add_1_r; simpl; field; lra).
  rewrite E1 in H. rewrite E2 in *. set (p := / gamma ^ (S k + 1)) in *.
  assert (E3 : R * (gamma * gamma * p) = R * (gamma * p) + p).
  { replace (R * (gamma * gamma * p)) with (R * (gamma * (gamma - 1)) * p + R * (gamma * p)) by ring.
    rewrite HR. ring. }
  cbn [rest]. destruct (Rle_dec (x (S k)) (rest x w k)); [lra|].
  assert (0 <= (1 - R) * (1 - gamma * p)) by (apply Rmult_le_pos; lra). nra.
Qed.

(** The error of [gamma] above φ is 1 less the lowest digits. *)
Lemma low_digits gamma k : 1 < gamma ->
  / (gamma * (gamma - 1)) * (1 - / gamma ^ k) = sum k (fun i => / gamma ^ (i + 2)).
Proof.
  intros Hg. pose proof (low_tail gamma 0 k Hg) as T. simpl in T. rewrite Rinv_1 in T. rewrite <- T.
  apply sum_ext. intros i _. replace (i + 2)%nat with (S (i + 1)) by lia. reflexivity.
Qed.

Lemma sum_lt n f g : (1 <= n)%nat -> (forall i, (i < n)%nat -> f i < g i) -> sum n f < sum n g.
Proof.
  induction n as [|n IH]; intros Hn H; [lia|]. rewrite !sum_S.
  destruct n as [|n]; [simpl; specialize (H O ltac:(lia)); lra|].
  pose proof (IH ltac:(lia) ltac:(auto)). pose proof (H (S n) ltac:(lia)). lra.
Qed.

Lemma phi_square : phi * phi = phi + 1.
Proof. unfold phi. pose proof (sqrt_sqrt 5 ltac:(lra)). nra. Qed.

(** Powers of φ in terms of φ. *)
Lemma phi_product p q x y u v : phi ^ p = x * phi + y -> phi ^ q = u * phi + v ->
  phi ^ (p + q) = (x * u + x * v + y * u) * phi + (x * u + y * v).
Proof.
  intros H1 H2. rewrite pow_add, H1, H2.
  replace ((x * phi + y) * (u * phi + v)) with (x * u * (phi * phi) + (x * v + y * u) * phi + y * v)
    by ring. rewrite phi_square. ring.
Qed.

Lemma ln_quotient : Rabs (ln phi / ln (3 / 2) - 1.187) < 0.0005.
Proof.
  pose proof phi_gt_1 as P. pose proof phi_square as Q.
  assert (B : 1.618 < phi < 1.6181) by (split; nra).
  assert (L : 0 < ln (3 / 2)) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (P1 : phi ^ 1 = 1 * phi + 0) by ring.
  assert (P2 : phi ^ 2 = 1 * phi + 1) by (etransitivity; [exact (phi_product _ _ _ _ _ _ P1 P1)|ring]).
  assert (P3 : phi ^ 3 = 2 * phi + 1) by (etransitivity; [exact (phi_product _ _ _ _ _ _ P2 P1)|ring]).
  assert (P4 : phi ^ 4 = 3 * phi + 2) by (etransitivity; [exact (phi_product _ _ _ _ _ _ P2 P2)|ring]).
  assert (P8 : phi ^ 8 = 21 * phi + 13) by (etransitivity; [exact (phi_product _ _ _ _ _ _ P4 P4)|ring]).
  assert (P11 : phi ^ 11 = 89 * phi + 55) by (etransitivity; [exact (phi_product _ _ _ _ _ _ P8 P3)|ring]).
  assert (P16 : phi ^ 16 = 987 * phi + 610) by (etransitivity; [exact (phi_product _ _ _ _ _ _ P8 P8)|ring]).
  pose proof (phi_product _ _ _ _ _ _ P16 P16) as P32. cbn [Nat.add] in P32.
  pose proof (phi_product _ _ _ _ _ _ P32 P32) as P64. cbn [Nat.add] in P64.
  pose proof (phi_product _ _ _ _ _ _ P64 P11) as P75. cbn [Nat.add] in P75.
  (* φ^75 > 1.5^89 and φ^16 < 1.5^19 *)
  assert (H1 : 89 * ln (3 / 2) < 75 * ln phi).
  { replace 89 with (INR 89) by (simpl; ring). replace 75 with (INR 75) by (simpl; ring).
    rewrite <- !ln_pow by lra. apply ln_increasing; [apply pow_lt; lra|]. rewrite P75.
    clear - B. lra. }
  assert (H2 : 16 * ln phi < 19 * ln (3 / 2)).
  { replace 19 with (INR 19) by (simpl; ring). replace 16 with (INR 16) by (simpl; ring).
    rewrite <- !ln_pow by lra. apply ln_increasing; [apply pow_lt; lra|]. rewrite P16.
    clear - B. lra. }
  assert (X : ln phi / ln (3 / 2) * ln (3 / 2) = ln phi) by (field; lra). clear - L H1 H2 X.
  apply Rabs_def1; apply Rmult_lt_reg_r with (ln (3 / 2)); lra.
Qed.

(** [best-base] (whole): [k] digits are enough for the error [epsilon] from the logarithm of
    [/ epsilon] to base [gamma] on. *)
Theorem best_base gamma k : 1 < gamma -> (1 <= k)%nat ->
  let R := / (gamma * (gamma - 1)) in
  let E := if Rle_dec gamma phi then / gamma ^ k else 1 - R * (1 - / gamma ^ k) in
  least_error (fun i => / gamma ^ i) k E /\ greedy_guarantees (fun i => / gamma ^ i) k E /\
  (gamma <> phi -> / phi ^ k < E) /\
  (gamma <= phi -> forall epsilon, 0 < epsilon ->
     (E <= epsilon <-> ln (/ epsilon) / ln gamma <= INR k)) /\
  Rabs (ln phi / ln (3 / 2) - 1.187) < 0.0005.
Proof.
  intros Hg Hk R E. pose proof phi_gt_1 as Hphi1.
  rewrite <- (and_assoc (greedy_guarantees _ _ _)), <- and_assoc.
  split; [|split; [|exact ln_quotient]].
  2: { intros L epsilon He. unfold E. destruct (Rle_dec gamma phi) as [_|N]; [|contradiction].
    assert (G : 0 < ln gamma) by (rewrite <- ln_1; apply ln_increasing; lra).
    assert (X : ln (/ epsilon) / ln gamma * ln gamma = ln (/ epsilon)) by (field; lra).
    assert (P : 0 < gamma ^ k) by (apply pow_lt; lra).
    assert (Y : ln (/ epsilon) <= ln (gamma ^ k) <-> / gamma ^ k <= epsilon).
    { rewrite ln_Rinv by exact He. split; intros H.
      - apply Rnot_lt_le. intros K. apply ln_increasing in K; [|exact He].
        rewrite ln_Rinv in K by exact P. lra.
      - assert (ln (/ gamma ^ k) <= ln epsilon); [|rewrite ln_Rinv in * by exact P; lra].
        destruct H as [H| ->]; [left; apply ln_increasing; [apply Rinv_0_lt_compat|]; assumption|lra]. }
    rewrite <- Y, ln_pow by lra. split; intros H; nra. }
  unfold E. destruct (Rle_dec gamma phi) as [L|L].
  - assert (G : greedy_guarantees (fun i => / gamma ^ i) k (/ gamma ^ k))
      by (intros x w Hw Hx; apply digits_suffice; auto).
    split; [split; [apply greedy_is_a_subset, G|intros E'; apply power_needed; assumption]|].
    split; [exact G|]. intros N.
    apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; apply pow_lt; lra|].
    destruct k as [|k]; [lia|]. simpl.
    assert (0 < gamma ^ k) by (apply pow_lt; lra).
    assert (gamma ^ k <= phi ^ k) by (apply pow_incr; lra). nra.
  - assert (Hp : gamma * gamma > gamma + 1) by (apply gt_phi; lra).
    pose proof (greedy_above_phi gamma k Hg Hp) as G. fold R in G.
    split; [split; [apply greedy_is_a_subset, G|]|].
    + intros E' H.
      assert (Low : in_segments (fun i => / gamma ^ i) k (fun i => / gamma ^ (i + 1)))
        by (intros i Hi; split; [lra|apply inv_pow_le; [exact Hg|lia]]).
      destruct (H _ 1 ltac:(lra) Low) as (b & A & B).
      destruct (digits_fail_low gamma k b Hg Hp Hk) as (_ & M & _). fold R in M. lra.
    + split; [exact G|]. intros _.
      assert (Q : / phi ^ k = 1 - / (phi * (phi - 1)) * (1 - / phi ^ k)).
      { replace (phi * (phi - 1)) with 1 by (pose proof phi_square; lra). rewrite Rinv_1. ring. }
      rewrite Q. unfold R. rewrite !low_digits by lra.
      apply Rplus_lt_compat_l, Ropp_lt_contravar, sum_lt; [exact Hk|]. intros i _.
      apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; apply pow_lt; lra|].
      replace (i + 2)%nat with (S (i + 1)) by lia. simpl.
      assert (0 < phi ^ (i + 1)) by (apply pow_lt; lra).
      assert (phi ^ (i + 1) <= gamma ^ (i + 1)) by (apply pow_incr; lra). nra.
Qed.

(** ** The best adjacent segments *)

(** F_n in the book. *)
Fixpoint fib (n : nat) : R :=
  match n with O => 0 | S m => match m with O => 1 | S p => fib m + fib p end end.

Lemma fib_SS n : fib (S (S n)) = fib (S n) + fib n.
Proof. reflexivity. Qed.

Lemma fib_pos n : 0 <= fib n /\ 1 <= fib (S n).
Proof.
  induction n as [|n [I1 I2]]; [simpl; lra|]. split; [lra|]. rewrite fib_SS. lra.
Qed.

Lemma fib_mono n m : (1 <= n)%nat -> (n <= m)%nat -> fib n <= fib m.
Proof.
  intros Hn H. induction H as [|m H IH]; [lra|]. destruct m as [|m]; [lia|].
  rewrite fib_SS. pose proof (fib_pos m). lra.
Qed.

Section LowerBound.
Variables (d : nat -> R) (k : nat) (E : R).
Hypothesis decreasing : forall i, (1 <= i <= k)%nat -> d (i + 1)%nat <= d i.
Hypothesis nonneg : forall i, 0 <= d i.
Hypothesis guaranteed : guarantees d k E.

(** The lowest samples after digit [j]. *)
Definition tail (j : nat) : R := sum (k - j) (fun i => d (j + i + 2)%nat).

Lemma tail_first j : (j < k)%nat -> tail j = d (j + 2)%nat + tail (S j).
Proof.
  intros Hj. unfold tail. replace (k - j)%nat with (1 + (k - S j))%nat by lia. rewrite sum_split.
  simpl sum at 1. rewrite Nat.add_0_r, Rplus_0_l. f_equal. apply sum_ext. intros i _. f_equal. lia.
Qed.

Lemma d_decreases i j : (1 <= i)%nat -> (i <= j)%nat -> (j <= k)%nat -> d j <= d i.
Proof.
  intros Hi H. induction H as [|j H IH]; intros Hj; [lra|].
  pose proof (decreasing j ltac:(lia)) as D. rewrite Nat.add_1_r in D.
  specialize (IH ltac:(lia)). lra.
Qed.

(** The adversary: digits up to [j] as high as they can be, those after it as low. *)
Definition adversary (j i : nat) : R := if (i <=? j)%nat then d i else d (i + 1)%nat.

Lemma adversary_in_segments j : in_segments d k (adversary j).
Proof.
  intros i Hi. unfold adversary. pose proof (decreasing i Hi). destruct (i <=? j)%nat; lra.
Qed.

(** A weight below digit [j] can use later digits only. *)
Lemma later_only j w : (j <= k)%nat -> 0 <= w <= 1 -> (forall i, (1 <= i <= j)%nat -> w < d i) ->
  w <= E + tail j.
Proof.
  intros Hj Hw Hd. destruct (guaranteed _ w Hw (adversary_in_segments j)) as (b & A & B).
  set (f := fun i => if b i then adversary j (S i) else 0).
  assert (NN : forall i, (i < k)%nat -> 0 <= f i).
  { intros i _. unfold f, adversary.
    destruct (b i); [|lra]. destruct (S i <=? j)%nat; apply nonneg. }
  assert (Z : forall i, (i < j)%nat -> f i = 0).
  { intros i Hi. pose proof (sum_term k i f ltac:(lia) NN) as T. unfold f in *.
    destruct (b i) eqn:Bi; [exfalso|reflexivity].
    assert (Q : adversary j (S i) = d (S i)).
    { unfold adversary.
      assert (X : (S i <=? j)%nat = true) by (apply Nat.leb_le; lia). now rewrite X. }
    rewrite Q in T. specialize (Hd (S i) ltac:(lia)). unfold subset_sum in A. lra. }
  assert (S1 : subset_sum k (adversary j) b <= tail j).
  { change (sum k f <= tail j). replace k with (j + (k - j))%nat at 1 by lia.
    rewrite sum_split, (sum_zero j) by exact Z. rewrite Rplus_0_l. apply sum_le. intros i Hi.
    unfold f, adversary. destruct (b (j + i)%nat); [|apply nonneg].
    assert (X : (S (j + i) <=? j)%nat = false) by (apply Nat.leb_gt; lia). rewrite X.
    right. f_equal. lia. }
  lra.
Qed.

Lemma E_nonneg : 0 <= E.
Proof. apply (guaranteed_nonneg d k E (adversary 0) (adversary_in_segments 0) guaranteed). Qed.

Lemma end_bound j : (1 <= j <= k)%nat -> Rmin (d j) 1 <= E + tail j.
Proof.
  intros Hj. assert (T : 0 <= tail j) by (apply sum_nonneg; intros; apply nonneg).
  pose proof E_nonneg. apply le_of_below; [lra|]. intros w Hw.
  pose proof (Rmin_l (d j) 1). pose proof (Rmin_r (d j) 1).
  apply later_only; [lia|lra|]. intros i Hi.
  pose proof (d_decreases i j ltac:(lia) ltac:(lia) ltac:(lia)). lra.
Qed.

Lemma one_is_served : 1 <= E + tail 0.
Proof. apply later_only; [lia|lra|]. intros i Hi. lia. Qed.

(** Fibonacci's recursion, from the last digit down; if an end exceeds 1, the error is larger. *)
Lemma fibonacci n : (n <= k)%nat -> 1 <= fib (k + 1) * E \/
  (E + tail (k - n) <= fib (n + 2) * E /\
   ((1 <= n)%nat -> E + tail (k - (n - 1)) <= fib (n + 1) * E)).
Proof.
  pose proof E_nonneg as HE. induction n as [|n IH]; intros Hn.
  - right. split; [|lia]. unfold tail. rewrite Nat.sub_0_r, Nat.sub_diag. simpl. lra.
  - destruct (IH ltac:(lia)) as [Done|[H1 H2]]; [left; exact Done|].
    (* the new term is an end, and it is at most the bound of two digits later *)
    pose proof (tail_first (k - S n) ltac:(lia)) as T.
    replace (S (k - S n)) with (k - n)%nat in T by lia.
    replace (k - S n + 2)%nat with (k - n + 1)%nat in T by lia.
    replace (S n - 1)%nat with n by lia. replace (S n + 1)%nat with (n + 2)%nat by lia.
    assert (F : fib (S n + 2) = fib (n + 2) + fib (n + 1)).
    { replace (S n + 2)%nat with (S (S (n + 1))) by lia. rewrite fib_SS. do 2 f_equal; lia. }
    assert (B : 1 <= fib (k + 1) * E \/ d (k - n + 1)%nat <= fib (n + 1) * E).
    { destruct n as [|n].
      - (* the last segment *)
        pose proof (decreasing k ltac:(lia)) as D. pose proof (end_bound k ltac:(lia)) as X.
        unfold tail in X. rewrite Nat.sub_diag in X. simpl in X.
        rewrite Nat.sub_0_r. simpl (fib (0 + 1)).
        pose proof (fib_mono 1 (k + 1) ltac:(lia) ltac:(lia)) as F1. simpl in F1.
        unfold Rmin in X. destruct (Rle_dec (d k) 1); [right; lra|left; nra].
      - specialize (H2 ltac:(lia)). replace (S n - 1)%nat with n in H2 by lia.
        pose proof (end_bound (k - n) ltac:(lia)) as X.
        replace (k - S n + 1)%nat with (k - n)%nat by lia.
        pose proof (fib_mono (S n + 1) (k + 1) ltac:(lia) ltac:(lia)).
        unfold Rmin in X. destruct (Rle_dec (d (k - n)%nat) 1); [right; lra|left; nra]. }
    destruct B as [Done|B]; [left; exact Done|right]. split; [rewrite T, F; lra|intros _; exact H1].
Qed.

Lemma fib_next : fib (k + 2) = fib (k + 1) + fib k /\ 0 < fib (k + 1).
Proof.
  replace (k + 2)%nat with (S (S k)) by lia. replace (k + 1)%nat with (S k) by lia.
  rewrite fib_SS. pose proof (fib_pos k). lra.
Qed.

Lemma fibonacci_needed : / fib (k + 2) <= E.
Proof.
  destruct fib_next as [F0 F]. pose proof (fib_pos k). pose proof E_nonneg.
  assert (X : 1 <= fib (k + 2) * E).
  { destruct (fibonacci k (le_n k)) as [Done|[H1 _]]; [nra|].
    rewrite Nat.sub_diag in H1. pose proof one_is_served. lra. }
  apply Rmult_le_reg_l with (fib (k + 2)); [lra|]. rewrite Rinv_r by lra. exact X.
Qed.

(** If it is the least error, all of this is an equality. *)
Lemma fibonacci_only : (1 <= k)%nat -> E = / fib (k + 2) ->
  (forall i, (2 <= i <= k + 1)%nat -> d i = fib (k + 2 - i) * E) /\ d 1%nat <= fib (k + 1) * E.
Proof.
  intros Hk HE. destruct fib_next as [F0 F].
  pose proof (fib_pos (k - 1)) as [_ F1]. replace (S (k - 1)) with k in F1 by lia.
  assert (E0 : 0 < E) by (rewrite HE; apply Rinv_0_lt_compat; lra).
  assert (E1 : fib (k + 2) * E = 1) by (rewrite HE; apply Rinv_r; lra).
  assert (N : ~ 1 <= fib (k + 1) * E) by nra.
  assert (U : forall n, (n <= k)%nat -> E + tail (k - n) <= fib (n + 2) * E).
  { intros n Hn. destruct (fibonacci n Hn) as [Done|[H _]]; [contradiction|exact H]. }
  (* an end is at most the bound of the digits after it, and at most 1 *)
  assert (B : forall j, (1 <= j <= k)%nat -> d j <= fib (k - j + 2) * E).
  { intros j Hj. pose proof (end_bound j Hj) as X. specialize (U (k - j)%nat ltac:(lia)).
    replace (k - (k - j))%nat with j in U by lia.
    pose proof (fib_mono (k - j + 2) (k + 1) ltac:(lia) ltac:(lia)).
    unfold Rmin in X. destruct (Rle_dec (d j) 1); nra. }
  assert (D : forall j, (j < k)%nat -> d (j + 2)%nat <= fib (k - j) * E).
  { intros j Hj. destruct (Nat.eq_dec (j + 1) k) as [<-|Nj].
    - pose proof (decreasing (j + 1) ltac:(lia)) as Q. specialize (B (j + 1)%nat ltac:(lia)).
      replace (j + 1 + 1)%nat with (j + 2)%nat in Q by lia.
      replace (j + 1 - (j + 1) + 2)%nat with 2%nat in B by lia.
      replace (j + 1 - j)%nat with 1%nat by lia. simpl in *. lra.
    - specialize (B (j + 2)%nat ltac:(lia)). replace (k - (j + 2) + 2)%nat with (k - j)%nat in B by lia.
      exact B. }
  assert (T : forall j, (j <= k)%nat -> E + tail j = fib (k - j + 2) * E).
  { induction j as [|j IH]; intros Hj.
    - pose proof one_is_served. specialize (U k (le_n k)). rewrite Nat.sub_diag in U.
      rewrite Nat.sub_0_r. lra.
    - specialize (IH ltac:(lia)). rewrite tail_first in IH by lia. specialize (D j ltac:(lia)).
      specialize (U (k - S j)%nat ltac:(lia)). replace (k - (k - S j))%nat with (S j) in U by lia.
      replace (k - j + 2)%nat with (S (S (k - S j + 1))) in IH by lia. rewrite fib_SS in IH.
      replace (S (k - S j + 1)) with (k - S j + 2)%nat in IH by lia.
      replace (k - S j + 1)%nat with (k - j)%nat in IH by lia. lra. }
  split.
  - intros i Hi. pose proof (T (i - 2)%nat ltac:(lia)) as T0. pose proof (T (i - 1)%nat ltac:(lia)) as T1.
    rewrite tail_first in T0 by lia. replace (S (i - 2)) with (i - 1)%nat in T0 by lia.
    replace (i - 2 + 2)%nat with i in T0 by lia.
    replace (k - (i - 2) + 2)%nat with (S (S (k + 2 - i))) in T0 by lia. rewrite fib_SS in T0.
    replace (k - (i - 1) + 2)%nat with (S (k + 2 - i)) in T1 by lia. lra.
  - specialize (B 1%nat ltac:(lia)). replace (k - 1 + 2)%nat with (k + 1)%nat in B by lia. exact B.
Qed.
End LowerBound.

(** The best ends. *)
Definition fibonacci_ends (k i : nat) : R := fib (k + 2 - i) / fib (k + 2).

(** With the last end lower by [eta] greedy bits err by [eta] more, at most. The first end may be
    anything down to the second one. *)
Lemma greedy_fibonacci k d eta : (1 <= k)%nat -> 0 <= eta ->
  (forall i, (2 <= i <= k)%nat -> d i = fibonacci_ends k i) ->
  d (k + 1)%nat = / fib (k + 2) - eta -> d 1%nat <= fibonacci_ends k 1 ->
  greedy_guarantees d k (/ fib (k + 2) + eta).
Proof.
  intros Hk He Hd Dk D1 x w Hw Hx. pose proof (fib_pos (k + 1)) as [_ F].
  replace (S (k + 1)) with (k + 2)%nat in F by lia.
  assert (F0 : 0 < / fib (k + 2)) by (apply Rinv_0_lt_compat; lra).
  rewrite <- rest_greedy. unfold fibonacci_ends, Rdiv in *. set (u := / fib (k + 2)) in *.
  assert (Up : forall i, (1 <= i <= k)%nat -> d i <= fib (k + 2 - i) * u).
  { intros i Hi. destruct (Nat.eq_dec i 1) as [->|Ni]; [exact D1|]. rewrite Hd by lia. lra. }
  assert (H : forall i, (i < k)%nat -> 0 <= rest x w i <= fib (k + 2 - i) * u).
  { induction i as [|i IH]; intros Hi.
    - rewrite Nat.sub_0_r. simpl. unfold u. rewrite Rinv_r by lra. lra.
    - specialize (IH ltac:(lia)). destruct (Hx (S i) ltac:(lia)) as [Hl Hu].
      specialize (Up (S i) ltac:(lia)). cbn [rest].
      replace (k + 2 - i)%nat with (S (S (k - i))) in IH by lia. rewrite fib_SS in IH.
      rewrite Hd in Hl by lia. replace (k + 2 - (S i + 1))%nat with (k - i)%nat in Hl by lia.
      replace (k + 2 - S i)%nat with (S (k - i)) in * by lia.
      destruct (Rle_dec (x (S i)) (rest x w i)); lra. }
  destruct k as [|k]; [lia|]. specialize (H k ltac:(lia)). destruct (Hx (S k) ltac:(lia)) as [Hl Hu].
  rewrite Dk in Hl. specialize (Up (S k) ltac:(lia)). replace (S k + 2 - k)%nat with 3%nat in H by lia.
  replace (S k + 2 - S k)%nat with 2%nat in Up by lia. simpl (fib _) in H, Up. cbn [rest].
  destruct (Rle_dec (x (S k)) (rest x w k)); lra.
Qed.

(** ψ, with which [fib n] is the difference of two powers. *)
Lemma binet n : fib n * sqrt 5 = phi ^ n - (1 - phi) ^ n.
Proof.
  assert (S5 : sqrt 5 = 2 * phi - 1) by (unfold phi; field). pose proof phi_square as Q.
  enough (X : fib n * sqrt 5 = phi ^ n - (1 - phi) ^ n /\
    fib (S n) * sqrt 5 = phi ^ S n - (1 - phi) ^ S n) by apply X.
  induction n as [|n [I1 I2]]; [simpl; lra|]. split; [exact I2|]. rewrite fib_SS.
  replace (phi ^ S (S n)) with (phi * phi * phi ^ n) by (simpl; ring).
  replace ((1 - phi) ^ S (S n)) with ((1 - 2 * phi + phi * phi) * (1 - phi) ^ n) by (simpl; ring).
  rewrite Q. simpl pow in I2. rewrite Rmult_plus_distr_r, I1, I2. ring.
Qed.

Lemma gain_converges : is_lim_seq (fun k => phi ^ k / fib (k + 2)) (sqrt 5 / phi ^ 2).
Proof.
  pose proof phi_gt_1 as P. pose proof phi_square as Q. assert (P2 : phi < 2) by nra.
  set (q := (1 - phi) / phi).
  assert (Hq : Rabs q < 1).
  { unfold q. apply Rabs_def1; apply Rmult_lt_reg_r with phi; try lra; unfold Rdiv;
      rewrite Rmult_assoc, Rinv_l by lra; lra. }
  assert (P22 : 0 < phi ^ 2) by (apply pow_lt; lra).
  assert (N : forall k, phi ^ (k + 2) - (1 - phi) ^ (k + 2) = phi ^ k * (phi ^ 2 * (1 - q ^ (k + 2)))).
  { intros k. unfold q, Rdiv. rewrite Rpow_mult_distr, pow_inv, !pow_add. 
    assert (0 < phi ^ k) by (apply pow_lt; lra). field. lra. }
  apply is_lim_seq_ext with (fun k => sqrt 5 * / (phi ^ 2 * (1 - q ^ (k + 2)))).
  - intros k. pose proof (binet (k + 2)) as B. rewrite N in B.
    assert (0 < phi ^ k) by (apply pow_lt; lra). pose proof (fib_pos (k + 1)) as [_ F].
    replace (S (k + 1)) with (k + 2)%nat in F by lia. assert (S5 : 0 < sqrt 5) by (apply sqrt_lt_R0; lra).
    assert (X : phi ^ 2 * (1 - q ^ (k + 2)) <> 0).
    { intros Z. rewrite Z, Rmult_0_r in B. assert (0 < fib (k + 2) * sqrt 5) by nra. lra. }
    apply Rmult_eq_reg_r with (fib (k + 2) * (phi ^ 2 * (1 - q ^ (k + 2))));
      [|apply Rmult_integral_contrapositive; split; lra].
    transitivity (fib (k + 2) * sqrt 5); [field; split; [|lra]|rewrite B; field; lra].
    intros Z. apply X. rewrite Z. ring.
  - assert (L : is_lim_seq (fun k => q ^ (k + 2)) 0)
      by (apply (is_lim_seq_incr_n (fun k => q ^ k) 2), is_lim_seq_geom, Hq).
    assert (L2 : is_lim_seq (fun k => phi ^ 2 * (1 - q ^ (k + 2))) (phi ^ 2)).
    { replace (Finite (phi ^ 2)) with (Rbar_mult (phi ^ 2) (Finite (1 - 0)))
        by (simpl; f_equal; ring).
      apply is_lim_seq_scal_l, is_lim_seq_minus'; [apply is_lim_seq_const|exact L]. }
    assert (P3 : Finite (phi ^ 2) <> Finite 0) by (intros Z; injection Z; lra).
    exact (is_lim_seq_scal_l _ (sqrt 5) _ (is_lim_seq_inv _ _ L2 P3)).
Qed.

(** Fibonacci's numbers against powers of φ. *)
Lemma fib_above_powers n : (1 <= n)%nat -> phi ^ n < fib (n + 2) /\ phi ^ S n < fib (S n + 2).
Proof.
  pose proof phi_square as Q. pose proof phi_gt_1.
  assert (phi < 2) by nra.
  induction n as [|n IH]; intros Hn; [lia|]. destruct n as [|n]; [simpl; nra|].
  destruct (IH ltac:(lia)) as [I1 I2]. split; [exact I2|].
  replace (S (S (S n)) + 2)%nat with (S (S (S n + 2))) by lia. rewrite fib_SS.
  replace (S (S n + 2)) with (S (S n) + 2)%nat by lia.
  replace (phi ^ S (S (S n))) with (phi ^ S n * (phi * phi)) by (simpl; ring).
  rewrite Q. replace (phi ^ S n * (phi + 1)) with (phi ^ S (S n) + phi ^ S n) by (simpl; ring). lra.
Qed.

(** [best-adjacent-segments] (whole): in the part before the last two all segments have a
    positive length; the limit is exact, its decimals are not here. *)
Theorem best_adjacent_segments k : (1 <= k)%nat ->
  let F := fib (k + 2) in let best := fun i => fib (k + 2 - i) / F in
  (forall d E, (forall i, (1 <= i <= k)%nat -> d (i + 1)%nat <= d i) -> (forall i, 0 <= d i) ->
     guarantees d k E -> / F <= E /\
     (E = / F -> (forall i, (2 <= i <= k + 1)%nat -> d i = best i) /\ d 1%nat <= best 1%nat)) /\
  (forall d, (forall i, (2 <= i <= k + 1)%nat -> d i = best i) -> d 1%nat <= best 1%nat ->
     greedy_guarantees d k (/ F)) /\
  best (k + 1)%nat = best k /\
  (forall eta, 0 < eta <= / F -> exists d, (forall i, (1 <= i <= k)%nat -> d (i + 1)%nat < d i) /\
     (forall i, 0 <= d i) /\ greedy_guarantees d k (/ F + eta)) /\
  / F < / phi ^ k /\
  is_lim_seq (fun k => phi ^ k / fib (k + 2)) (sqrt 5 / phi ^ 2).
Proof.
  intros Hk F best. pose proof (fib_pos (k + 1)) as [_ F1].
  replace (S (k + 1)) with (k + 2)%nat in F1 by lia. fold F in F1.
  assert (Bk : best k = / F /\ best (k + 1)%nat = / F).
  { unfold best. replace (k + 2 - k)%nat with 2%nat by lia.
    replace (k + 2 - (k + 1))%nat with 1%nat by lia. simpl (fib _). split; field; lra. }
  split; [|split; [|split; [|split; [|split]]]].
  - intros d E Hd H0 HG. split; [apply (fibonacci_needed d k E Hd H0 HG)|]. intros HE.
    destruct (fibonacci_only d k E Hd H0 HG Hk HE) as [O1 O2]. unfold best, Rdiv. rewrite <- HE.
    split; [exact O1|]. replace (k + 2 - 1)%nat with (k + 1)%nat by lia. exact O2.
  - intros d Hd H1. rewrite <- (Rplus_0_r (/ F)). apply greedy_fibonacci; auto; try lra.
    + intros i Hi. apply Hd. lia.
    + rewrite Hd by lia. destruct Bk as [_ ->]. fold F. lra.
  - destruct Bk as [-> ->]. reflexivity.
  - intros eta He. exists (fun i => if Nat.eqb i (k + 1) then / F - eta else best i).
    split; [|split].
    + intros i Hi. rewrite (proj2 (Nat.eqb_neq i (k + 1))) by lia.
      destruct (Nat.eqb_spec (i + 1) (k + 1)) as [Q|Q].
      * replace i with k by lia. destruct Bk as [-> _]. lra.
      * unfold best, Rdiv. apply Rmult_lt_compat_r; [apply Rinv_0_lt_compat; lra|].
        replace (k + 2 - i)%nat with (S (S (k - i))) by lia. rewrite fib_SS.
        replace (k + 2 - (i + 1))%nat with (S (k - i)) by lia.
        pose proof (fib_pos (k - i - 1)) as [_ X]. replace (S (k - i - 1)) with (k - i)%nat in X by lia. lra.
    + intros i. destruct (Nat.eqb i (k + 1)); [lra|]. apply Rmult_le_pos; [apply fib_pos|].
      left. apply Rinv_0_lt_compat. lra.
    + apply greedy_fibonacci; auto; try lra.
      * intros i Hi. rewrite (proj2 (Nat.eqb_neq i (k + 1))) by lia. reflexivity.
      * rewrite Nat.eqb_refl. reflexivity.
      * rewrite (proj2 (Nat.eqb_neq 1 (k + 1))) by lia. apply Rle_refl.
  - destruct (fib_above_powers k Hk) as [G _]. pose proof phi_gt_1.
    assert (0 < phi ^ k) by (apply pow_lt; lra).
    apply Rinv_lt_contravar; [apply Rmult_lt_0_compat|]; fold F in G |- *; lra.
  - exact gain_converges.
Qed.
