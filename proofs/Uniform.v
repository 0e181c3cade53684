(** * A uniform number, a fair sign, a hyperbolic magnitude

    Every weight of the random network is made of numbers [0 <= u < 1] that are uniform, as
    [prune] makes it. The events of one number are finite unions of intervals; their probability is
    the integral of their indicator. *)

From Coq Require Import Reals Lra Psatz Lia Arith FunctionalExtensionality ClassicalEpsilon.
From Coquelicot Require Import Coquelicot.
From GoldenTickets Require Import Sums Probability Spaces.
Open Scope R_scope.

(** ** Step functions *)

(** An interval from [a] to [b], whether or not it has its ends; empty if [b < a]. *)
Definition interval (a b : R) (I : R -> Prop) : Prop :=
  (forall u, a < u < b -> I u) /\ (forall u, I u -> a <= u <= b).

(** The sums of indicators of intervals. *)
Inductive step : (R -> R) -> Prop :=
  | step_one : step (fun _ => 1)
  | step_interval : forall a b I, interval a b I -> step (fun u => ind (I u))
  | step_lin : forall a b f g, step f -> step g -> step (fun u => a * f u + b * g u).

Lemma is_RInt_constant f a b c : (forall x, Rmin a b < x < Rmax a b -> c = f x) ->
  is_RInt f a b ((b - a) * c).
Proof.
  intros H. apply (is_RInt_ext (fun _ => c)); [exact H|]. apply (is_RInt_const a b c).
Qed.

Lemma is_RInt_lin p q a b f g lf lg : is_RInt f p q lf -> is_RInt g p q lg ->
  is_RInt (fun t => a * f t + b * g t) p q (a * lf + b * lg).
Proof.
  intros Hf Hg. apply (is_RInt_plus (V := R_NormedModule) (fun t => a * f t) (fun t => b * g t));
    apply (is_RInt_scal (V := R_NormedModule)); assumption.
Qed.

Lemma RInt_lin p q a b f g : ex_RInt f p q -> ex_RInt g p q ->
  RInt (fun t => a * f t + b * g t) p q = a * RInt f p q + b * RInt g p q.
Proof.
  intros Hf Hg. apply is_RInt_unique, is_RInt_lin;
    apply (RInt_correct (V := R_CompleteNormedModule)); assumption.
Qed.

(** From [p] to [q]: how much of an interval lies there. *)
Lemma is_RInt_interval_between p q a b I : p <= q -> interval a b I ->
  is_RInt (fun u => ind (I u)) p q (Rmax 0 (Rmin b q - Rmax a p)).
Proof.
  intros Hpq [HI HJ]. set (lo := Rmax a p). set (hi := Rmin b q).
  pose proof (Rmax_l a p : a <= lo). pose proof (Rmax_r a p : p <= lo).
  pose proof (Rmin_l b q : hi <= b). pose proof (Rmin_r b q : hi <= q).
  assert (Hlo : forall x, a <= x -> p <= x -> lo <= x) by (intros; apply Rmax_lub; assumption).
  assert (Hhi : forall x, x <= b -> x <= q -> x <= hi) by (intros; apply Rmin_glb; assumption).
  destruct (Rle_dec lo hi) as [L|L].
  - rewrite Rmax_right by lra.
    assert (I1 : is_RInt (fun u => ind (I u)) p lo ((lo - p) * 0)).
    { apply is_RInt_constant. intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra.
      symmetry. apply ind_false. intros K. apply HJ in K. specialize (Hlo x). lra. }
    assert (I2 : is_RInt (fun u => ind (I u)) lo hi ((hi - lo) * 1)).
    { apply is_RInt_constant. intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra.
      symmetry. apply ind_true, HI. lra. }
    assert (I3 : is_RInt (fun u => ind (I u)) hi q ((q - hi) * 0)).
    { apply is_RInt_constant. intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra.
      symmetry. apply ind_false. intros K. apply HJ in K. specialize (Hhi x). lra. }
    pose proof (is_RInt_Chasles _ _ _ _ _ _ (is_RInt_Chasles _ _ _ _ _ _ I1 I2) I3) as Q.
    replace (hi - lo) with (plus (plus ((lo - p) * 0) ((hi - lo) * 1)) ((q - hi) * 0));
      [exact Q|unfold plus; simpl; ring].
  - rewrite Rmax_left by lra. replace 0 with ((q - p) * 0) by ring.
    apply is_RInt_constant. intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra.
    symmetry. apply ind_false. intros K. apply HJ in K. specialize (Hlo x). specialize (Hhi x). lra.
Qed.

(** How much of an interval lies between 0 and 1. *)
Definition overlap (a b : R) : R := Rmax 0 (Rmin b 1 - Rmax a 0).

Lemma is_RInt_interval a b I : interval a b I -> is_RInt (fun u => ind (I u)) 0 1 (overlap a b).
Proof. apply is_RInt_interval_between. lra. Qed.

Lemma ex_RInt_step f p q : p <= q -> step f -> ex_RInt f p q.
Proof.
  intros Hpq H. induction H as [|a b I HI|a b f g _ [lf I1] _ [lg I2]].
  - apply ex_RInt_const.
  - eexists. apply is_RInt_interval_between; eassumption.
  - eexists. apply is_RInt_lin; eassumption.
Qed.

Lemma interval_and a b c d I J : interval a b I -> interval c d J ->
  interval (Rmax a c) (Rmin b d) (fun u => I u /\ J u).
Proof.
  intros [HI KI] [HJ KJ].
  pose proof (Rmax_l a c). pose proof (Rmax_r a c). pose proof (Rmin_l b d). pose proof (Rmin_r b d).
  split.
  - intros u Hu. split; [apply HI|apply HJ]; lra.
  - intros u [Iu Ju]. apply KI in Iu. apply KJ in Ju.
    split; [apply Rmax_lub|apply Rmin_glb]; lra.
Qed.

Lemma step_mult f g : step f -> step g -> step (fun u => f u * g u).
Proof.
  intros Hf Hg. induction Hf as [|a b I HI|a b f1 f2 _ I1 _ I2].
  - replace (fun u => 1 * g u) with g by (extensionality u; ring). exact Hg.
  - induction Hg as [|c d J HJ|c d g1 g2 _ I1 _ I2].
    + replace (fun u => ind (I u) * 1) with (fun u => ind (I u)) by (extensionality u; ring).
      apply (step_interval a b), HI.
    + replace (fun u => ind (I u) * ind (J u)) with (fun u => ind (I u /\ J u))
        by (extensionality u; apply ind_and).
      apply (step_interval (Rmax a c) (Rmin b d) (fun u => I u /\ J u)), interval_and; assumption.
    + replace (fun u => ind (I u) * (c * g1 u + d * g2 u)) with
        (fun u => c * (ind (I u) * g1 u) + d * (ind (I u) * g2 u)) by (extensionality u; ring).
      apply step_lin; assumption.
  - replace (fun u => (a * f1 u + b * f2 u) * g u) with
      (fun u => a * (f1 u * g u) + b * (f2 u * g u)) by (extensionality u; ring).
    apply step_lin; assumption.
Qed.

(** The uniform law on [0 <= u < 1]. *)
Definition uniform : mean R.
Proof.
  refine {| E := fun f => RInt f 0 1; dom := step; dom_one := step_one; dom_lin := step_lin;
            dom_mult := step_mult |}.
  - rewrite RInt_const. unfold scal; simpl; unfold mult; simpl. ring.
  - intros a b f g Hf Hg. apply RInt_lin; apply ex_RInt_step; lra || assumption.
  - intros f Hf H. apply RInt_ge_0; [lra|apply ex_RInt_step; [lra|exact Hf]|auto].
Defined.

(** An interval has the probability of its part between 0 and 1. *)
Lemma interval_probability a b I : interval a b I ->
  ev (prob uniform) I /\ Pr (prob uniform) I = overlap a b.
Proof.
  intros H. split; [apply (step_interval a b I H)|]. apply is_RInt_unique, is_RInt_interval, H.
Qed.

Lemma segment_probability a b : 0 <= a <= b -> b <= 1 ->
  ev (prob uniform) (fun u => a <= u < b) /\ Pr (prob uniform) (fun u => a <= u < b) = b - a.
Proof.
  intros Ha Hb. destruct (interval_probability a b (fun u => a <= u < b)) as [V Q].
  - split; intros; lra.
  - split; [exact V|]. rewrite Q. unfold overlap.
    rewrite (Rmin_left b 1), (Rmax_left a 0), Rmax_right by lra. reflexivity.
Qed.

(** ** Signs *)

Definition sgn (h : bool) : R := if h then 1 else -1.

(** A fair sign. *)
Definition sign (u : R) : R := if excluded_middle_informative (0 <= u < / 2) then 1 else -1.

Lemma sign_cases u : sign u = 1 \/ sign u = -1.
Proof. unfold sign. destruct (excluded_middle_informative (0 <= u < / 2)); auto. Qed.

Lemma sign_probability h : ev (prob uniform) (fun u => sign u = sgn h) /\
  Pr (prob uniform) (fun u => sign u = sgn h) = / 2.
Proof.
  destruct (segment_probability 0 (/ 2) ltac:(lra) ltac:(lra)) as [V Q]. destruct h; cbn [sgn].
  - assert (X : forall u, 0 <= u < / 2 <-> sign u = 1).
    { intros u. unfold sign.
      destruct (excluded_middle_informative (0 <= u < / 2)); split; lra || tauto. }
    split; [apply (ev_ext _ _ _ _ X V)|]. rewrite <- (Pr_ext _ _ _ _ X), Q. lra.
  - assert (X : forall u, ~ 0 <= u < / 2 <-> sign u = -1).
    { intros u. unfold sign.
      destruct (excluded_middle_informative (0 <= u < / 2)); split; lra || tauto. }
    split; [apply (ev_ext _ _ _ _ X (ev_not _ _ _ V))|].
    rewrite <- (Pr_ext _ _ _ _ X), Pr_not, Q by exact V. lra.
Qed.

(** ** The hyperbolic law *)

(** [low (high / low)^u]: hyperbolic from [low] to [high], by inverting its distribution function. *)
Definition magnitude (low high u : R) : R := low * exp (u * ln (high / low)).

Lemma ln_quotient x y : 0 < x -> 0 < y -> ln (x / y) = ln x - ln y.
Proof.
  intros Hx Hy. unfold Rdiv. rewrite ln_mult, ln_Rinv by (auto; apply Rinv_0_lt_compat; auto). lra.
Qed.

Lemma ln_ratio low high : 0 < low < high -> 0 < ln (high / low).
Proof.
  intros H. rewrite ln_quotient by lra. assert (ln low < ln high) by (apply ln_increasing; lra). lra.
Qed.

Lemma magnitude_pos low high u : 0 < low -> 0 < magnitude low high u.
Proof. intros H. apply Rmult_lt_0_compat; [exact H|apply exp_pos]. Qed.

(** [low <= p]: where the magnitude passes [p]. *)
Lemma magnitude_level low high p u : 0 < low < high -> 0 < p ->
  (p <= magnitude low high u <-> ln (p / low) / ln (high / low) <= u).
Proof.
  intros H Hp. pose proof (ln_ratio low high H) as L. unfold magnitude.
  assert (Q : p = low * exp (ln (p / low))).
  { rewrite exp_ln by (apply Rdiv_lt_0_compat; lra). field. lra. }
  assert (X : ln (p / low) = ln (p / low) / ln (high / low) * ln (high / low)) by (field; lra).
  split; intros K.
  - apply Rnot_lt_le. intros N.
    assert (u * ln (high / low) < ln (p / low)) by (rewrite X; apply Rmult_lt_compat_r; lra).
    assert (exp (u * ln (high / low)) < exp (ln (p / low))) by (apply exp_increasing; lra). nra.
  - rewrite Q. apply Rmult_le_compat_l; [lra|]. apply exp_le. rewrite X.
    apply Rmult_le_compat_r; lra.
Qed.

(** A segment of magnitudes has the probability that the book gives it. *)
Lemma magnitude_probability low high p q : 0 < low < high -> low <= p <= q -> q <= high ->
  ev (prob uniform) (fun u => p <= magnitude low high u < q) /\
  Pr (prob uniform) (fun u => p <= magnitude low high u < q) = ln (q / p) / ln (high / low).
Proof.
  intros H Hp Hq. pose proof (ln_ratio low high H) as L.
  set (x := fun z => ln (z / low) / ln (high / low)).
  assert (X : forall u, x p <= u < x q <-> p <= magnitude low high u < q).
  { intros u. pose proof (magnitude_level low high p u H ltac:(lra)).
    pose proof (magnitude_level low high q u H ltac:(lra)) as [Q1 Q2]. fold (x q) in Q1, Q2.
    split; intros [A B]; (split; [tauto|]).
    - apply Rnot_le_lt. intros N. apply Q1 in N. lra.
    - apply Rnot_le_lt. intros N. apply Q2 in N. lra. }
  assert (M : forall a b, low <= a <= b -> b <= high -> x a <= x b).
  { intros a b Ha Hb. unfold x. rewrite !ln_quotient by lra. apply Rmult_le_compat_r.
    - left. apply Rinv_0_lt_compat. rewrite <- ln_quotient by lra. exact L.
    - assert (ln a <= ln b); [|lra]. destruct (Req_dec a b) as [->|]; [lra|].
      left. apply ln_increasing; lra. }
  assert (X0 : x low = 0) by (unfold x; rewrite (ln_quotient low low) by lra; field; lra).
  assert (X1 : x high = 1) by (unfold x; field; lra).
  pose proof (M low p ltac:(lra) ltac:(lra)). pose proof (M p q ltac:(lra) ltac:(lra)).
  pose proof (M q high ltac:(lra) ltac:(lra)).
  destruct (segment_probability (x p) (x q) ltac:(lra) ltac:(lra)) as [V Q].
  split; [apply (ev_ext _ _ _ _ X V)|]. rewrite <- (Pr_ext _ _ _ _ X), Q. unfold x.
  rewrite (ln_quotient q p), (ln_quotient q low), (ln_quotient p low) by lra. field. lra.
Qed.

(** That is the integral of the density [1 / (x ln (high / low))] of the book. *)
Lemma hyperbolic_density low high p q : 0 < low < high -> low <= p < q -> q <= high ->
  is_RInt (fun x => / (x * ln (high / low))) p q (ln (q / p) / ln (high / low)).
Proof.
  intros H Hp Hq. pose proof (ln_ratio low high H) as L. set (h := ln (high / low)) in *.
  replace (ln (q / p) / h) with (minus (ln q / h) (ln p / h)).
  - apply (is_RInt_derive (fun x => ln x / h)).
    + intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra. auto_derive; [lra|field; lra].
    + intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra.
      apply (continuous_comp (fun x => x * h) Rinv).
      * apply (continuous_scal_l (fun x => x) h x). apply continuous_id.
      * apply continuous_Rinv. assert (0 < x * h) by (apply Rmult_lt_0_compat; lra). lra.
  - rewrite ln_quotient by lra. unfold minus, plus, opp; simpl. field. lra.
Qed.
