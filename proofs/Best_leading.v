(** * The best leading constant (chapter _batch_sampling_further_)

    With a constant below e/(e - 1) the count of samples is too small somewhere: for rare categories and
    many wanted samples the tail of the binomial law is as large as Chernoff's bound, up to a factor that
    does not matter. *)

From Coq Require Import Reals Lra Psatz Lia Arith Classical ClassicalEpsilon FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Probability Batch_sampling Spaces Uniform Hyperbolic
  Pooled_category Pooled_size.
Open Scope R_scope.

(** ** Independent samples *)

Section Trials.
Context {T : Type} (t0 : T) (m : nat -> mean T).

Definition depends_on_first (s : nat) (f : (nat -> T) -> R) : Prop :=
  forall w w', (forall r, (r < s)%nat -> w r = w' r) -> f w = f w'.

Lemma PE_first s C f : (s <= C)%nat -> depends_on_first s f -> PE t0 m C f = PE t0 m s f.
Proof.
  intros H D. induction H as [|C H IH]; [reflexivity|]. rewrite <- IH. cbn [PE].
  transitivity (E (m C) (fun t => PE t0 m C f * 1)).
  - f_equal. extensionality t. rewrite Rmult_1_r. f_equal. extensionality w. apply D.
    intros r Hr. unfold upd. destruct (Nat.eqb_spec r C); [lia|reflexivity].
  - rewrite (E_scal (m C) _ (fun _ => 1)) by apply dom_one. rewrite E_one. ring.
Qed.

Lemma PE_next s f g : cylinder m s f -> depends_on_first s f -> dom (m s) g ->
  PE t0 m (S s) (fun w => f w * g (w s)) = PE t0 m s f * E (m s) g.
Proof.
  intros Hf D Hg. cbn [PE]. rewrite <- E_scal by exact Hg. f_equal. extensionality t.
  transitivity (PE t0 m s (fun w => g t * f w + 0 * f w)).
  - f_equal. extensionality w. rewrite (D (upd w s t) w).
    + unfold upd. rewrite Nat.eqb_refl. ring.
    + intros r Hr. unfold upd. destruct (Nat.eqb_spec r s); [lia|reflexivity].
  - rewrite (PE_lin t0 m s) by exact Hf. ring.
Qed.

Lemma hits_first (A : nat -> T -> Prop) s k :
  depends_on_first s (fun w => ind (hits (fun s w => A s (w s)) s w < k)%nat).
Proof.
  intros w w' H.
  assert (Q : hits (fun s w => A s (w s)) s w = hits (fun s w => A s (w s)) s w').
  { induction s as [|s IH]; [reflexivity|]. simpl. rewrite IH by auto. rewrite (H s) by lia.
    reflexivity. }
  rewrite Q. reflexivity.
Qed.

(** Events of different coordinates are independent trials. *)
Lemma power_trials C (A : nat -> T -> Prop) : (forall s, (s < C)%nat -> ev (prob (m s)) (A s)) ->
  independent_trials (prob (power t0 m C)) C (fun s w => A s (w s)).
Proof.
  intros HA s k Hs. set (B := fun s (w : nat -> T) => A s (w s)).
  set (f := fun w => ind (hits B s w < k)%nat). set (g := fun t => ind (A s t)).
  assert (Df : depends_on_first s f) by apply hits_first.
  assert (Cf : cylinder m s f).
  { apply (ev_hits (prob (power t0 m s)) B s k). intros r Hr.
    apply (ev_coordinate t0 m s r (A r) Hr), HA. lia. }
  transitivity (PE t0 m C (fun w => f w * g (w s))).
  - simpl. f_equal. extensionality w. apply ind_and.
  - rewrite (PE_first (S s) C); [|exact Hs|].
    + rewrite PE_next by (try assumption; apply HA, Hs). f_equal.
      * symmetry. apply PE_first; [lia|exact Df].
      * symmetry. apply (coordinate t0 m C s g Hs (HA s Hs)).
    + intros w w' H. rewrite (Df w w'), (H s) by auto. reflexivity.
Qed.
End Trials.

(** The theorems of this chapter speak of something: there are samples of every probability. *)
Lemma trials_exist c M : 0 <= c <= 1 ->
  exists (P : probability (nat -> R)) (A : nat -> (nat -> R) -> Prop),
  (forall s, (s < M)%nat -> ev P (A s) /\ Pr P (A s) = c) /\ independent_trials P M A.
Proof.
  intros Hc. exists (prob (power 0 (fun _ => uniform) M)), (fun s w => 0 <= w s < c).
  destruct (segment_probability 0 c ltac:(lra) ltac:(lra)) as [V Q]. split.
  - intros s Hs. destruct (ev_coordinate 0 (fun _ => uniform) M s _ Hs V) as [V' Q'].
    split; [exact V'|]. etransitivity; [exact Q'|]. rewrite Q. ring.
  - apply (power_trials 0 (fun _ => uniform) M (fun _ t => 0 <= t < c)). intros; exact V.
Qed.

(** ** The number of hits has a binomial law *)

Lemma hits_binomial {Om} (P : probability Om) (A : nat -> Om -> Prop) c M :
  (forall s, (s < M)%nat -> ev P (A s) /\ Pr P (A s) = c) -> independent_trials P M A ->
  forall m, Pr P (fun o => (hits A M o < m)%nat) = binomial_mean c M (fun x => ind (x < m)%nat).
Proof.
  induction M as [|M IH]; intros HA HI m.
  - simpl. destruct m as [|m].
    + rewrite (Pr_ext _ P _ (fun _ => False)) by (intros; lia).
      rewrite Pr_false, ind_false by lia. reflexivity.
    + rewrite (Pr_ext _ P _ (fun _ => True)) by (intros; lia).
      rewrite Pr_true, ind_true by lia. reflexivity.
  - assert (IH' : forall m, Pr P (fun o => (hits A M o < m)%nat) =
      binomial_mean c M (fun x => ind (x < m)%nat)).
    { apply IH; [intros; apply HA; lia|]. intros s m' Hs. apply HI. lia. }
    destruct m as [|m].
    + rewrite (Pr_ext _ P _ (fun _ => False)) by (intros; lia). rewrite Pr_false.
      rewrite <- (binomial_mean_const c (S M) 0) at 1. f_equal. extensionality x. symmetry.
      apply ind_false. lia.
    + rewrite Pr_hits_S; [|intros; apply HA; lia|exact HI].
      rewrite !IH', (proj2 (HA M ltac:(lia))). cbn [binomial_mean].
      replace (fun x => ind (S x < S m)%nat) with (fun x => ind (x < m)%nat); [ring|].
      extensionality x. apply ind_iff. lia.
Qed.

(** More trials leave fewer outcomes with few hits. *)
Lemma binomial_mean_falls p M g : 0 <= p <= 1 -> (forall x, g (S x) <= g x) ->
  binomial_mean p (S M) g <= binomial_mean p M g.
Proof.
  intros Hp H. cbn [binomial_mean].
  pose proof (binomial_mean_le p M (fun x => g (S x)) g Hp H). nra.
Qed.

Lemma few_hits_fall p M M' m : 0 <= p <= 1 -> (M <= M')%nat ->
  binomial_mean p M' (fun x => ind (x < m)%nat) <= binomial_mean p M (fun x => ind (x < m)%nat).
Proof.
  intros Hp H. induction H as [|M' _ IH]; [lra|]. eapply Rle_trans; [|exact IH].
  apply binomial_mean_falls; [exact Hp|]. intros x. unfold ind.
  destruct (excluded_middle_informative (S x < m)%nat), (excluded_middle_informative (x < m)%nat);
    lra || lia.
Qed.

(** ** One term of the tail *)

Lemma pow_step y z j : 0 <= z -> 0 <= y <= z + 1 -> y ^ S j <= INR (S j) * y ^ j + z ^ S j.
Proof.
  intros Hz Hy. induction j as [|j IH]; [simpl; lra|].
  assert (Y : 0 <= y ^ S j) by (apply pow_le; lra). assert (Z : 0 <= z ^ S j) by (apply pow_le; lra).
  change (y ^ S (S j)) with (y * y ^ S j). change (z ^ S (S j)) with (z * z ^ S j).
  assert (A : y * y ^ S j <= INR (S j) * y ^ S j + y * z ^ S j).
  { replace (INR (S j) * y ^ S j + y * z ^ S j) with (y * (INR (S j) * y ^ j + z ^ S j))
      by (simpl (y ^ S j); ring). apply Rmult_le_compat_l; lra. }
  assert (B : (y - z) * z ^ S j <= y ^ S j).
  { destruct (Rle_dec y z) as [L|L]; [nra|].
    assert (z ^ S j <= y ^ S j) by (apply pow_incr; lra).
    assert ((y - z) * z ^ S j <= 1 * z ^ S j) by (apply Rmult_le_compat_r; lra). lra. }
  rewrite (S_INR (S j)). lra.
Qed.

Lemma exactly p M : 0 <= p <= 1 -> forall j,
  INR (M - j) ^ j / INR (fact j) * p ^ j * (1 - p) ^ M <= binomial_mean p M (fun x => ind (x = j)).
Proof.
  intros Hp. induction M as [|M IH]; intros j.
  - cbn [binomial_mean]. destruct j as [|j].
    + rewrite ind_true by reflexivity. simpl. lra.
    + simpl (INR _ ^ _). pose proof (ind_pos (0 = S j)%nat). unfold Rdiv. rewrite !Rmult_0_l. lra.
  - cbn [binomial_mean].
    assert (Q : 0 <= (1 - p) ^ M) by (apply pow_le; lra).
    destruct j as [|j].
    + assert (Z : 0 <= binomial_mean p M (fun x => ind (S x = 0)%nat)).
      { rewrite <- (binomial_mean_const p M 0). apply binomial_mean_le; [exact Hp|].
        intros; apply ind_pos. }
      specialize (IH O). simpl in IH |- *. nra.
    + replace (fun x => ind (S x = S j)) with (fun x => ind (x = j))
        by (extensionality x; apply ind_iff; lia).
      pose proof (IH j) as I0. pose proof (IH (S j)) as I1.
      set (B0 := binomial_mean p M (fun x => ind (x = j))) in *.
      set (B1 := binomial_mean p M (fun x => ind (x = S j))) in *.
      change (S M - S j)%nat with (M - j)%nat.
      set (y := INR (M - j)) in *. set (z := INR (M - S j)) in *.
      assert (Hz : 0 <= z) by apply pos_INR.
      assert (Hy : 0 <= y <= z + 1).
      { split; [apply pos_INR|]. unfold y, z. rewrite <- S_INR. apply le_INR. lia. }
      pose proof (pow_step y z j Hz Hy) as St.
      assert (F : 0 < INR (fact j)) by apply INR_fact_lt_0.
      assert (Fs : INR (fact (S j)) = INR (S j) * INR (fact j)) by (rewrite <- mult_INR; reflexivity).
      assert (Sj : 0 < INR (S j)) by (apply lt_0_INR; lia).
      assert (P : 0 <= p ^ S j) by (apply pow_le; lra).
      set (W := p ^ S j * ((1 - p) * (1 - p) ^ M)).
      assert (W0 : 0 <= W) by (unfold W; apply Rmult_le_pos; [exact P|apply Rmult_le_pos; lra]).
      assert (D : y ^ S j / INR (fact (S j)) <= y ^ j / INR (fact j) + z ^ S j / INR (fact (S j))).
      { rewrite Fs. apply Rmult_le_reg_r with (INR (S j) * INR (fact j)); [apply Rmult_lt_0_compat; lra|].
        replace (y ^ S j / (INR (S j) * INR (fact j)) * (INR (S j) * INR (fact j))) with (y ^ S j)
          by (field; lra).
        replace ((y ^ j / INR (fact j) + z ^ S j / (INR (S j) * INR (fact j))) *
          (INR (S j) * INR (fact j))) with (INR (S j) * y ^ j + z ^ S j) by (field; lra). exact St. }
      apply Rmult_le_compat_l with (r := W) in D; [|exact W0].
      apply Rmult_le_compat_l with (r := p) in I0; [|lra].
      apply Rmult_le_compat_l with (r := 1 - p) in I1; [|lra].
      assert (E0 : W * (y ^ j / INR (fact j)) <= p * (y ^ j / INR (fact j) * p ^ j * (1 - p) ^ M)).
      { assert (X : 0 <= y ^ j / INR (fact j) * p ^ S j * (1 - p) ^ M).
        { apply Rmult_le_pos; [|exact Q]. apply Rmult_le_pos; [|exact P].
          apply Rdiv_le_0_compat; [apply pow_le; lra|exact F]. }
        replace (W * (y ^ j / INR (fact j))) with
          ((1 - p) * (y ^ j / INR (fact j) * p ^ S j * (1 - p) ^ M)) by (unfold W; ring).
        replace (p * (y ^ j / INR (fact j) * p ^ j * (1 - p) ^ M)) with
          (y ^ j / INR (fact j) * p ^ S j * (1 - p) ^ M) by (simpl (p ^ S j); ring). nra. }
      replace (y ^ S j / INR (fact (S j)) * p ^ S j * (1 - p) ^ S M) with
        (W * (y ^ S j / INR (fact (S j)))) by (unfold W; simpl ((1 - p) ^ S M); ring).
      replace ((1 - p) * (z ^ S j / INR (fact (S j)) * p ^ S j * (1 - p) ^ M)) with
        (W * (z ^ S j / INR (fact (S j)))) in I1 by (unfold W; ring).
      lra.
Qed.

(** Factorials, nearly as Stirling has them. *)
Lemma fact_at_most j : (1 <= j)%nat ->
  INR (fact j) <= exp 1 * INR j * INR j ^ j * exp (- INR j).
Proof.
  induction j as [|j IH]; intros Hj; [lia|]. destruct (Nat.eq_dec j 0) as [->|N].
  - simpl. rewrite !Rmult_1_r, <- exp_plus. replace (1 + - (1)) with 0 by ring. rewrite exp_0. lra.
  - specialize (IH ltac:(lia)). assert (J : 1 <= INR j) by (apply (le_INR 1); lia).
    replace (INR (fact (S j))) with (INR (S j) * INR (fact j)) by (rewrite <- mult_INR; reflexivity).
    set (x := INR j) in *. assert (Ex : INR (S j) = x + 1) by apply S_INR. rewrite Ex.
    (* (1 + 1/j)^(j + 1) is at least e *)
    assert (K : x ^ S j * exp 1 <= (x + 1) ^ S j).
    { assert (L : exp (/ (x + 1)) * x <= x + 1).
      { assert (G : 1 - / (x + 1) <= exp (- / (x + 1))) by (pose proof (exp_ineq1_le (- / (x + 1))); lra).
        rewrite exp_Ropp in G. pose proof (exp_pos (/ (x + 1))) as E0.
        apply Rmult_le_compat_r with (r := exp (/ (x + 1)) * (x + 1)) in G;
          [|apply Rmult_le_pos; lra].
        replace (/ exp (/ (x + 1)) * (exp (/ (x + 1)) * (x + 1))) with (x + 1) in G by (field; lra).
        replace ((1 - / (x + 1)) * (exp (/ (x + 1)) * (x + 1))) with (exp (/ (x + 1)) * x) in G
          by (field; lra). exact G. }
      assert (L0 : 0 <= exp (/ (x + 1)) * x) by (apply Rmult_le_pos; [left; apply exp_pos|lra]).
      pose proof (pow_incr _ _ (S j) (conj L0 L)) as Q. rewrite Rpow_mult_distr in Q.
      replace (exp (/ (x + 1)) ^ S j) with (exp 1) in Q; [lra|].
      rewrite <- Rpower_pow by apply exp_pos. unfold Rpower. rewrite ln_exp, Ex. f_equal. field. lra. }
    apply Rle_trans with ((x + 1) * (exp 1 * x * x ^ j * exp (- x)));
      [apply Rmult_le_compat_l; [lra|exact IH]|].
    replace (exp (- x)) with (exp 1 * exp (- (x + 1))) by (rewrite <- exp_plus; f_equal; ring).
    pose proof (exp_pos 1) as E1. pose proof (exp_pos (- (x + 1))) as E2.
    replace ((x + 1) * (exp 1 * x * x ^ j * (exp 1 * exp (- (x + 1))))) with
      (exp 1 * (x + 1) * exp (- (x + 1)) * (x ^ S j * exp 1)) by (simpl (x ^ S j); ring).
    replace (exp 1 * (x + 1) * (x + 1) ^ S j * exp (- (x + 1))) with
      (exp 1 * (x + 1) * exp (- (x + 1)) * (x + 1) ^ S j) by ring.
    apply Rmult_le_compat_l; [|exact K]. repeat apply Rmult_le_pos; lra.
Qed.

(** (1 - c)^M is nearly exp (- c M) for small [c]. *)
Lemma pow_at_least c M : 0 <= c < 1 -> exp (- (INR M * (c / (1 - c)))) <= (1 - c) ^ M.
Proof.
  intros Hc. induction M as [|M IH]; [simpl; rewrite Rmult_0_l, Ropp_0, exp_0; lra|].
  rewrite S_INR. replace (- ((INR M + 1) * (c / (1 - c)))) with
    (- (c / (1 - c)) + - (INR M * (c / (1 - c)))) by ring.
  rewrite exp_plus. change ((1 - c) ^ S M) with ((1 - c) * (1 - c) ^ M).
  apply Rmult_le_compat; [left; apply exp_pos|left; apply exp_pos| |exact IH].
  rewrite exp_Ropp. replace (1 - c) with (/ (1 + c / (1 - c))) at 2 by (field; lra).
  apply Rinv_le_contravar; [|apply exp_ineq1_le].
  assert (0 <= c / (1 - c)) by (apply Rdiv_le_0_compat; lra). lra.
Qed.

(** ** The least constant *)

(** With a mean of [lambda] times the number of wanted samples, [lambda < e], fewer come too often. *)
Lemma tail_of_few lambda : 1 <= lambda < exp 1 -> exists j c, 0 < c < 1 /\ forall M,
  lambda * (INR j + 1) <= INR M * c < lambda * (INR j + 1) + c ->
  exp (- ((exp 1 - 2) * (INR j + 1))) < binomial_mean c M (fun x => ind (x < S j)%nat).
Proof.
  intros Hl. set (g := exp 1 - 1 - lambda + ln lambda).
  assert (G : 0 < g).
  { set (u := 1 - ln lambda).
    assert (U : 0 < u).
    { unfold u. assert (ln lambda < ln (exp 1)) by (apply ln_increasing; lra).
      rewrite ln_exp in *. lra. }
    assert (Eu : exp 1 = lambda * exp u).
    { unfold u, Rminus. rewrite exp_plus, exp_Ropp, exp_ln by lra. field. lra. }
    pose proof (exp_ineq1 u ltac:(lra)) as Q. unfold g. replace (ln lambda) with (1 - u) by (unfold u; ring).
    rewrite Eu. assert (1 * (exp u - 1) <= lambda * (exp u - 1)) by (apply Rmult_le_compat_r; lra). lra. }
  set (j := S (nceil (2 * (3 - ln (g / 2)) / g))).
  assert (J1 : 1 <= INR j) by (apply (le_INR 1); unfold j; lia).
  assert (JG : 4 + ln (INR j) < INR j * g).
  { assert (R0 : 2 * (3 - ln (g / 2)) / g < INR j).
    { pose proof (nceil_ge (2 * (3 - ln (g / 2)) / g)). unfold j. rewrite S_INR. lra. }
    apply Rmult_lt_compat_r with (r := g) in R0; [|exact G].
    replace (2 * (3 - ln (g / 2)) / g * g) with (2 * (3 - ln (g / 2))) in R0 by (field; lra).
    pose proof (exp_ineq1_le (ln (INR j * (g / 2)))) as Q.
    rewrite exp_ln in Q by (apply Rmult_lt_0_compat; lra). rewrite ln_mult in Q by lra. lra. }
  set (mu := lambda * (INR j + 1)). assert (M1 : 1 <= mu) by (unfold mu; nra).
  set (c := Rmin (lambda / INR j) (/ (mu + 2))).
  assert (C0 : 0 < c) by (apply Rmin_glb_lt; [apply Rdiv_lt_0_compat|apply Rinv_0_lt_compat]; lra).
  assert (Cj : c * INR j <= lambda).
  { apply Rle_trans with (lambda / INR j * INR j); [|right; field; lra].
    apply Rmult_le_compat_r; [lra|apply Rmin_l]. }
  assert (Cm : c * (mu + 2) <= 1).
  { apply Rle_trans with (/ (mu + 2) * (mu + 2)); [|right; field; lra].
    apply Rmult_le_compat_r; [lra|apply Rmin_r]. }
  assert (C1 : c < 1) by nra.
  exists j, c. split; [lra|]. intros M HM. fold mu in HM.
  set (y := INR (M - j) * c).
  assert (Y : lambda * INR j <= y).
  { assert (INR M - INR j <= INR (M - j)).
    { destruct (le_lt_dec j M) as [K|K]; [rewrite minus_INR by exact K; lra|].
      apply lt_INR in K. pose proof (pos_INR (M - j)). lra. }
    assert ((INR M - INR j) * c <= y) by (apply Rmult_le_compat_r; lra). unfold mu in HM. lra. }
  set (a := exp (INR j * ln lambda)). set (b := exp (INR j + -1 + - ln (INR j))).
  set (r := exp (- (mu + 1))).
  assert (A0 : 0 < a) by apply exp_pos. assert (B0 : 0 < b) by apply exp_pos.
  assert (R0 : 0 < r) by apply exp_pos.
  assert (Ea : a = lambda ^ j) by (unfold a; rewrite <- Rpower_pow by lra; reflexivity).
  assert (Eb : exp 1 * INR j * exp (- INR j) * b = 1).
  { unfold b. transitivity (exp (1 + ln (INR j) + - INR j + (INR j + -1 + - ln (INR j)))).
    - rewrite !exp_plus, (exp_ln (INR j)) by lra. reflexivity.
    - replace (1 + ln (INR j) + - INR j + (INR j + -1 + - ln (INR j))) with 0 by ring. apply exp_0. }
  assert (F : 0 < INR (fact j)) by apply INR_fact_lt_0.
  assert (Jj : 0 < INR j ^ j) by (apply pow_lt; lra).
  assert (Fb : INR (fact j) * b <= INR j ^ j).
  { pose proof (fact_at_most j ltac:(unfold j; lia)) as Q.
    apply Rmult_le_compat_r with (r := b) in Q; [|lra].
    replace (exp 1 * INR j * INR j ^ j * exp (- INR j) * b) with
      (INR j ^ j * (exp 1 * INR j * exp (- INR j) * b)) in Q by ring. rewrite Eb in Q. lra. }
  assert (Yj : a * INR j ^ j <= y ^ j).
  { rewrite Ea, <- Rpow_mult_distr. apply pow_incr. split; [nra|exact Y]. }
  assert (AB : a * b <= y ^ j / INR (fact j)).
  { apply Rmult_le_reg_r with (INR (fact j)); [exact F|].
    replace (y ^ j / INR (fact j) * INR (fact j)) with (y ^ j) by (field; lra).
    apply Rmult_le_compat_l with (r := a) in Fb; lra. }
  assert (Rm : r <= (1 - c) ^ M).
  { eapply Rle_trans; [|apply pow_at_least; lra]. apply exp_le. apply Ropp_le_contravar.
    replace (INR M * (c / (1 - c))) with (INR M * c / (1 - c)) by (field; lra).
    apply Rmult_le_reg_r with (1 - c); [lra|].
    replace (INR M * c / (1 - c) * (1 - c)) with (INR M * c) by (field; lra). lra. }
  apply Rlt_le_trans with (a * b * r).
  - unfold a, b, r. rewrite <- !exp_plus. apply exp_increasing. unfold mu, g in *. lra.
  - apply Rle_trans with (y ^ j / INR (fact j) * (1 - c) ^ M).
    + apply Rmult_le_compat; [apply Rmult_le_pos; lra|lra|exact AB|exact Rm].
    + apply Rle_trans with (binomial_mean c M (fun x => ind (x = j))).
      * eapply Rle_trans; [right|apply exactly; lra]. unfold y. rewrite Rpow_mult_distr. field. lra.
      * apply binomial_mean_le; [lra|]. intros x. unfold ind.
        destruct (excluded_middle_informative (x = j)),
          (excluded_middle_informative (x < S j)%nat); lra || lia.
Qed.

Lemma no_smaller_constant L : 0 < L < exp 1 / (exp 1 - 1) ->
  exists m c delta, (1 <= m)%nat /\ 0 < c < 1 /\ 0 < delta < 1 /\
  let M := nceil (L / c * (INR m + ln (/ delta))) in
  forall (Om : Type) (P : probability Om) (A : nat -> Om -> Prop),
    (forall s, (s < M)%nat -> ev P (A s) /\ Pr P (A s) = c) -> independent_trials P M A ->
    delta < Pr P (fun o => (hits A M o < m)%nat).
Proof.
  intros HL. pose proof (exp_ineq1 1 ltac:(lra)) as E2.
  set (lambda := Rmax (L * (exp 1 - 1)) 1).
  assert (Hl : 1 <= lambda < exp 1).
  { split; [apply Rmax_r|]. apply Rmax_lub_lt; [|lra].
    replace (exp 1) with (exp 1 / (exp 1 - 1) * (exp 1 - 1)) at 2 by (field; lra).
    apply Rmult_lt_compat_r; lra. }
  destruct (tail_of_few lambda Hl) as (j & c & Hc & T).
  set (delta := exp (- ((exp 1 - 2) * (INR j + 1)))). pose proof (pos_INR j) as J0.
  assert (LD : ln (/ delta) = (exp 1 - 2) * (INR j + 1)).
  { unfold delta. rewrite <- exp_Ropp, Ropp_involutive. apply ln_exp. }
  exists (S j), c, delta. split; [lia|]. split; [exact Hc|]. split.
  { split; [apply exp_pos|]. apply Rlt_le_trans with (exp 0); [|rewrite exp_0; lra].
    apply exp_increasing. assert (0 < (exp 1 - 2) * (INR j + 1)) by (apply Rmult_lt_0_compat; lra). lra. }
  intros M Om P A HA HI. rewrite (hits_binomial P A c M HA HI).
  set (M' := nceil (lambda * (INR j + 1) / c)).
  assert (MM : (M <= M')%nat).
  { apply nceil_mono. rewrite LD, S_INR.
    replace (L / c * (INR j + 1 + (exp 1 - 2) * (INR j + 1))) with (L * (exp 1 - 1) * (INR j + 1) / c)
      by (field; lra).
    apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|].
    apply Rmult_le_compat_r; [lra|apply Rmax_l]. }
  eapply Rlt_le_trans; [|apply few_hits_fall with (M' := M'); [lra|exact MM]].
  apply T. assert (X : 0 <= lambda * (INR j + 1) / c) by (apply Rdiv_le_0_compat; [nra|lra]).
  pose proof (nceil_ge (lambda * (INR j + 1) / c)) as N1. pose proof (nceil_lt _ X) as N2.
  fold M' in N1, N2. apply Rmult_le_compat_r with (r := c) in N1; [|lra].
  apply Rmult_lt_compat_r with (r := c) in N2; [|lra].
  rewrite Rmult_plus_distr_r in N2.
  replace (lambda * (INR j + 1) / c * c) with (lambda * (INR j + 1)) in N1, N2 by (field; lra). lra.
Qed.

(** [best-leading] (whole): for any number [M] of samples that is large enough; and with a smaller
    constant there are too few, in whatever space the samples are; [trials_exist] has one. *)
Theorem best_leading :
  (forall (Om : Type) (P : probability Om) k M m c delta (A : nat -> nat -> Om -> Prop),
     (1 <= k)%nat -> (1 <= m)%nat -> 0 < c <= 1 -> 0 < delta < 1 ->
     (forall i s, (i < k)%nat -> (s < M)%nat -> ev P (A i s) /\ c <= Pr P (A i s)) ->
     (forall i, (i < k)%nat -> independent_trials P M (A i)) ->
     INR M >= exp 1 / (exp 1 - 1) * (/ c * (INR m - 1 + ln (INR k / delta))) ->
     Pr P (fun o => exists i, (i < k)%nat /\ (hits (A i) M o < m)%nat) <= delta) /\
  (forall L, 0 < L < exp 1 / (exp 1 - 1) ->
     exists m c delta, (1 <= m)%nat /\ 0 < c < 1 /\ 0 < delta < 1 /\
     let M := nceil (L / c * (INR m + ln (/ delta))) in
     forall (Om : Type) (P : probability Om) (A : nat -> Om -> Prop),
       (forall s, (s < M)%nat -> ev P (A s) /\ Pr P (A s) = c) -> independent_trials P M A ->
       delta < Pr P (fun o => (hits A M o < m)%nat)).
Proof.
  split.
  - intros Om P k M m c delta A. apply batch_lemma_leading.
  - exact no_smaller_constant.
Qed.
