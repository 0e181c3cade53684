(** * One category of a pooled layout (chapter _batch_sampling_pooled_)

    The neurons of an output are looked at one after another. One that is in a category serves the first
    of the inputs left for which its in-weight has the right sign. *)

From Coq Require Import Reals Lra Psatz Lia Arith List Bool Classical ClassicalEpsilon
  FunctionalExtensionality.
From GoldenTickets Require Import Sums Golden_ratio Probability Budget Spaces Uniform Hyperbolic.
Open Scope R_scope.

(** ** The probability that a category is not served *)

(** The mean of [g X], where [X] is how many of [M] independent trials of probability [p] succeed. *)
Fixpoint binomial_mean (p : R) (M : nat) (g : nat -> R) : R :=
  match M with
  | O => g O
  | S M => p * binomial_mean p M (fun x => g (S x)) + (1 - p) * binomial_mean p M g
  end.

(** The product of 1 - 2^(-j), j from [x - m + 1] to [x]; it is 0 for [x < m]. *)
Definition all_served (m x : nat) : R := prod m (fun i => 1 - / 2 ^ (x - i)).

(** u in the book, of [M] neurons and [m] weights. *)
Definition unserved (p : R) (M m : nat) : R := binomial_mean p M (fun x => 1 - all_served m x).

Lemma binomial_mean_lin p M a b f g :
  binomial_mean p M (fun x => a * f x + b * g x) = a * binomial_mean p M f + b * binomial_mean p M g.
Proof.
  revert f g. induction M as [|M IH]; intros f g; simpl; [reflexivity|].
  rewrite (IH (fun x => f (S x)) (fun x => g (S x))), IH. ring.
Qed.

Lemma binomial_mean_le p M f g : 0 <= p <= 1 -> (forall x, f x <= g x) ->
  binomial_mean p M f <= binomial_mean p M g.
Proof.
  intros Hp. revert f g. induction M as [|M IH]; intros f g H; simpl; [apply H|].
  pose proof (IH (fun x => f (S x)) (fun x => g (S x)) (fun x => H (S x))).
  pose proof (IH f g H). nra.
Qed.

Lemma binomial_mean_const p M c : binomial_mean p M (fun _ => c) = c.
Proof. induction M as [|M IH]; simpl; [reflexivity|]. rewrite IH. ring. Qed.

Lemma half_pow_range n : 0 < / 2 ^ n <= 1.
Proof.
  split; [apply Rinv_0_lt_compat, pow_lt; lra|]. rewrite <- Rinv_1.
  apply Rinv_le_contravar; [lra|]. apply pow_R1_Rle. lra.
Qed.

Lemma prod_shift n f : prod (S n) f = f O * prod n (fun i => f (S i)).
Proof. induction n as [|n IH]; [simpl; ring|]. change (prod (S (S n)) f) with (prod (S n) f * f (S n)). rewrite IH. simpl. ring. Qed.

Lemma all_served_0 m : all_served (S m) 0 = 0.
Proof. unfold all_served. rewrite prod_shift. simpl. lra. Qed.

(** Looking at one more neuron. *)
Lemma all_served_S m x : all_served (S m) (S x) =
  (1 - / 2 ^ S m) * all_served m x + / 2 ^ S m * all_served (S m) x.
Proof.
  assert (L : all_served (S m) (S x) = (1 - / 2 ^ S x) * all_served m x).
  { unfold all_served. rewrite prod_shift. f_equal. }
  assert (Z : (x < m)%nat -> all_served m x = 0).
  { intros H. unfold all_served. replace m with (S x + (m - S x))%nat by lia.
    generalize (m - S x)%nat. intros d. induction d as [|d IH].
    - rewrite Nat.add_0_r. simpl. rewrite Nat.sub_diag. simpl. lra.
    - rewrite Nat.add_succ_r. simpl. simpl in IH. rewrite IH. ring. }
  rewrite L. unfold all_served at 3. cbn [prod]. fold (all_served m x).
  destruct (lt_dec x m) as [H|H]; [rewrite (Z H); ring|].
  replace (2 ^ S x) with (2 ^ S m * 2 ^ (x - m)) by (rewrite <- pow_add; f_equal; lia).
  assert (0 < 2 ^ S m) by (apply pow_lt; lra). assert (0 < 2 ^ (x - m)) by (apply pow_lt; lra).
  field. lra.
Qed.

Lemma unserved_nothing p M : unserved p M 0 = 0.
Proof.
  unfold unserved, all_served. cbn [prod]. rewrite <- (binomial_mean_const p M 0). f_equal.
  extensionality x. ring.
Qed.

Lemma unserved_S p M m : unserved p (S M) (S m) =
  p * (1 - / 2 ^ S m) * unserved p M m + (1 - p * (1 - / 2 ^ S m)) * unserved p M (S m).
Proof.
  unfold unserved. cbn [binomial_mean]. set (q := / 2 ^ S m).
  replace (fun x => 1 - all_served (S m) (S x)) with
    (fun x => (1 - q) * (1 - all_served m x) + q * (1 - all_served (S m) x)).
  - rewrite (binomial_mean_lin p M (1 - q) q (fun x => 1 - all_served m x)). ring.
  - extensionality x. rewrite all_served_S. fold q. ring.
Qed.

(** Of one weight. *)
Lemma unserved_one p M : unserved p M 1 = (1 - p / 2) ^ M.
Proof.
  induction M as [|M IH].
  - unfold unserved, all_served. simpl. lra.
  - rewrite unserved_S, unserved_nothing, IH. simpl. field.
Qed.

Lemma all_served_range m x : 0 <= all_served m x <= 1.
Proof.
  pose proof (prod_le_pow m (fun i => 1 - / 2 ^ (x - i)) 1) as Q. rewrite pow1 in Q. apply Q.
  intros i _. pose proof (half_pow_range (x - i)). lra.
Qed.

(** More weights are harder to serve. *)
Lemma unserved_mono p M m m' : 0 <= p <= 1 -> (m <= m')%nat -> unserved p M m <= unserved p M m'.
Proof.
  intros Hp H. induction H as [|m' _ IH]; [lra|]. eapply Rle_trans; [exact IH|].
  apply binomial_mean_le; [exact Hp|]. intros x. unfold all_served at 2. cbn [prod].
  fold (all_served m' x). pose proof (all_served_range m' x). pose proof (half_pow_range (x - m')). nra.
Qed.

(** ** Neurons, one after another *)

Section Greedy.
Context {T : Type} (t0 : T) (law : mean T).
Variable serves : nat -> T -> Prop.  (* a neuron is in the category, and right for an input *)

(** Which inputs are left after one more neuron. *)
Fixpoint left_after (L : list nat) (t : T) : list nat :=
  match L with
  | nil => nil
  | j :: L => if excluded_middle_informative (serves j t) then L else j :: left_after L t
  end.

(** Some input is left after the neurons [C - 1], ..., [0]. *)
Fixpoint not_all (C : nat) (L : list nat) (w : nat -> T) : Prop :=
  match C with O => L <> nil | S C => not_all C (left_after L (w C)) w end.

Definition any (L : list nat) (t : T) : Prop := exists j, In j L /\ serves j t.

Lemma left_after_length L t :
  length (left_after L t) = if excluded_middle_informative (any L t) then pred (length L) else length L.
Proof.
  induction L as [|j L IH]; simpl.
  - destruct (excluded_middle_informative _); reflexivity.
  - destruct (excluded_middle_informative (serves j t)) as [Y|Y].
    + destruct (excluded_middle_informative (any (j :: L) t)) as [_|N]; [reflexivity|].
      destruct N. exists j. split; [left; reflexivity|exact Y].
    + simpl. rewrite IH. destruct (excluded_middle_informative (any L t)) as [A|A],
        (excluded_middle_informative (any (j :: L) t)) as [B|B]; try reflexivity.
      * destruct A as (i & I & _). destruct L; [destruct I|reflexivity].
      * destruct B. destruct A as (i & I & H). exists i. split; [right; exact I|exact H].
      * destruct A. destruct B as (i & [I|I] & H); [subst; tauto|]. exists i. auto.
Qed.

Lemma left_after_incl L t j : In j (left_after L t) -> In j L.
Proof.
  induction L as [|i L IH]; simpl; [tauto|].
  destruct (excluded_middle_informative (serves i t)); simpl; tauto.
Qed.

Lemma left_after_NoDup L t : NoDup L -> NoDup (left_after L t).
Proof.
  induction L as [|i L IH]; simpl; intros H; [exact H|]. inversion H; subst.
  destruct (excluded_middle_informative (serves i t)); [assumption|].
  constructor; [|auto]. intros K. apply left_after_incl in K. tauto.
Qed.

Lemma left_after_spec L t : left_after L t = L \/
  exists i, serves i t /\ forall j, In j L -> j = i \/ In j (left_after L t).
Proof.
  induction L as [|i L IH]; simpl; [auto|].
  destruct (excluded_middle_informative (serves i t)) as [Y|Y].
  - right. exists i. split; [exact Y|]. intros j [K|K]; auto.
  - destruct IH as [->|(i' & S1 & H)]; [auto|]. right. exists i'. split; [exact S1|].
    intros j [K|K]; [right; left; exact K|]. destruct (H j K); [auto|right; right; assumption].
Qed.

(** If nothing is left, each input has a neuron of its own. *)
Lemma assignment C : forall L w, ~ not_all C L w -> exists f : nat -> nat,
  forall j, In j L -> exists s, (s < C)%nat /\ f s = j /\ serves j (w s).
Proof.
  induction C as [|C IH]; intros L w H; simpl in H.
  - exists (fun _ => O). apply NNPP in H. subst. intros j [].
  - destruct (IH _ _ H) as (f & Hf). destruct (left_after_spec L (w C)) as [E|(i & S1 & K)].
    + rewrite E in Hf. exists f. intros j Hj. destruct (Hf j Hj) as (s & Hs & Q). exists s. auto.
    + exists (upd f C i). intros j Hj. destruct (K j Hj) as [->|Q].
      * exists C. unfold upd. rewrite Nat.eqb_refl. auto.
      * destruct (Hf j Q) as (s & Hs & F & R). exists s. unfold upd.
        destruct (Nat.eqb_spec s C); [lia|]. auto.
Qed.

Lemma not_all_ext C L w w' : (forall s, (s < C)%nat -> w s = w' s) -> not_all C L w <-> not_all C L w'.
Proof.
  revert L. induction C as [|C IH]; intros L H; simpl; [tauto|]. rewrite H by lia. apply IH. auto.
Qed.

Lemma not_all_upd C L w t : not_all (S C) L (upd w C t) <-> not_all C (left_after L t) w.
Proof.
  simpl. unfold upd at 1. rewrite Nat.eqb_refl. apply not_all_ext. intros s Hs. unfold upd.
  destruct (Nat.eqb_spec s C); [lia|reflexivity].
Qed.

Lemma cylinder_S C f : cylinder (fun _ => law) C f -> cylinder (fun _ => law) (S C) f.
Proof.
  intros H. induction H as [h Hh|a b f g _ IF _ IG]; [|apply cylinder_lin; assumption].
  replace (fun w : nat -> T => prod C (fun r => h r (w r))) with
    (fun w : nat -> T => prod (S C) (fun r => (if (r <? C)%nat then h r else fun _ => 1) (w r))).
  - apply (cylinder_prod (fun _ => law) (S C) (fun r => if (r <? C)%nat then h r else fun _ => 1)).
    intros r _. destruct (Nat.ltb_spec r C); [auto|apply dom_one].
  - extensionality w. cbn [prod]. rewrite Nat.ltb_irrefl, Rmult_1_r. apply prod_ext. intros r Hr.
    rewrite (proj2 (Nat.ltb_lt r C)) by exact Hr. reflexivity.
Qed.

Variables (p : R) (n : nat).
Hypothesis serves_ev : forall j, (j < n)%nat -> ev (prob law) (serves j).

Lemma ev_not_all C : forall L, (forall j, In j L -> (j < n)%nat) ->
  ev (prob (power t0 (fun _ => law) C)) (not_all C L).
Proof.
  induction C as [|C IH]; intros L HL.
  - destruct L as [|j L].
    + apply (ev_ext _ _ (fun _ => False)); [simpl; tauto|apply ev_false].
    + apply (ev_ext _ _ (fun _ => True)); [|apply ev_true]. simpl. intros w. split; [discriminate|auto].
  - set (P := prob (power t0 (fun _ => law) (S C))).
    assert (Up : forall L, (forall j, In j L -> (j < n)%nat) -> ev P (not_all C L))
      by (intros L' H; apply cylinder_S, IH, H).
    assert (Q : forall L2 L1, (forall j, In j (L1 ++ L2) -> (j < n)%nat) ->
      ev P (fun w => not_all C (L1 ++ left_after L2 (w C)) w)).
    { induction L2 as [|j L2 IH2]; intros L1 H; simpl.
      - apply (ev_ext _ P (not_all C (L1 ++ nil))); [tauto|apply Up, H].
      - assert (SE : ev P (fun w => serves j (w C)))
          by (apply (ev_coordinate t0 (fun _ => law) (S C) C (serves j)); [lia|];
              apply serves_ev, H, in_or_app; right; left; reflexivity).
        apply (ev_ext _ P (fun w => (serves j (w C) /\ not_all C (L1 ++ L2) w) \/
          (~ serves j (w C) /\ not_all C ((L1 ++ j :: nil) ++ left_after L2 (w C)) w))).
        + intros w. destruct (excluded_middle_informative (serves j (w C)));
            rewrite <- ?app_assoc; simpl; tauto.
        + apply ev_or; apply ev_and; [exact SE|apply Up|apply ev_not, SE|apply IH2].
          * intros i Hi. apply H. apply in_app_or in Hi. apply in_or_app. simpl. tauto.
          * intros i Hi. apply H. rewrite <- app_assoc in Hi. exact Hi. }
    apply (Q L nil HL).
Qed.

Hypothesis likely : forall L, NoDup L -> (forall j, In j L -> (j < n)%nat) ->
  ev (prob law) (any L) /\ Pr (prob law) (any L) = p * (1 - / 2 ^ length L).

(** The book's recursion over the neurons. *)
Lemma Pr_not_all C : forall L, NoDup L -> (forall j, In j L -> (j < n)%nat) ->
  Pr (prob (power t0 (fun _ => law) C)) (not_all C L) = unserved p C (length L).
Proof.
  induction C as [|C IH]; intros L ND HL.
  - simpl. unfold unserved. simpl. destruct L as [|j L]; simpl length.
    + rewrite ind_false by tauto. unfold all_served. simpl. ring.
    + rewrite ind_true by discriminate. rewrite all_served_0. ring.
  - destruct (likely L ND HL) as [V Q]. set (l := length L) in *.
    transitivity (E law (fun t => unserved p C (pred l) * ind (any L t) +
      unserved p C l * ind (~ any L t))).
    + simpl. f_equal. extensionality t.
      transitivity (unserved p C (length (left_after L t))).
      * rewrite <- IH; [|apply left_after_NoDup, ND|].
        -- simpl. f_equal. extensionality w. apply ind_iff. apply (not_all_upd C L w t).
        -- intros j Hj. apply HL, (left_after_incl L t), Hj.
      * rewrite left_after_length. fold l.
        destruct (excluded_middle_informative (any L t)) as [Y|Y];
          [rewrite ind_true, ind_false by tauto|rewrite ind_false, ind_true by tauto]; ring.
    + rewrite (E_lin law _ _ (fun t => ind (any L t)) (fun t => ind (~ any L t)));
        [|exact V|apply (ev_not _ (prob law)), V].
      change (E law (fun t => ind (any L t))) with (Pr (prob law) (any L)).
      change (E law (fun t => ind (~ any L t))) with (Pr (prob law) (fun t => ~ any L t)).
      rewrite Pr_not, Q by exact V. destruct l as [|m]; simpl pred.
      * rewrite !unserved_nothing. ring.
      * rewrite unserved_S. ring.
Qed.
End Greedy.

(** ** A neuron of the pooled layout *)

(** A neuron takes one number for each in-weight, and two for its out-weight. *)
Definition pool_neuron_law (n : nat) : mean (nat -> R) := power 0 (fun _ => uniform) (n + 2).

Section Category.
Variables (n k d : nat) (gamma w_max : R) (positive : bool) (right : nat -> bool).

(** A neuron is in the category of digit [d] if its out-weight has that digit, and the sign of the
    category. *)
Definition in_category (z : nat -> R) : Prop :=
  sign (z n) = sgn positive /\
  w_max * / gamma ^ (d + 2) <= out_magnitude gamma w_max k (z (n + 1)%nat) < w_max * / gamma ^ (d + 1).

Definition right_for (j : nat) (z : nat -> R) : Prop := in_category z /\ sign (z j) = sgn (right j).

(** In the category, and wrong for all inputs in [L]: number by number. *)
Definition wrong_at (L : list nat) (r : nat) (u : R) : Prop :=
  (r = n -> sign u = sgn positive) /\
  (r = (n + 1)%nat ->
   w_max * / gamma ^ (d + 2) <= out_magnitude gamma w_max k u < w_max * / gamma ^ (d + 1)) /\
  (In r L -> sign u = sgn (negb (right r))).

Definition wrong (L : list nat) (z : nat -> R) : Prop :=
  forall r, (r < n + 2)%nat -> wrong_at L r (z r).

Lemma not_right u h : sign u <> sgn h <-> sign u = sgn (negb h).
Proof. destruct (sign_cases u) as [-> | ->], h; simpl; split; lra. Qed.

Lemma wrong_spec L z : (forall j, In j L -> (j < n)%nat) ->
  wrong L z <-> in_category z /\ forall j, In j L -> sign (z j) <> sgn (right j).
Proof.
  intros HL. split.
  - intros H. split.
    + split; [apply (H n ltac:(lia)); reflexivity|apply (H (n + 1)%nat ltac:(lia)); reflexivity].
    + intros j Hj. apply not_right. specialize (HL j Hj). apply (H j ltac:(lia)), Hj.
  - intros ((A & B) & H) r Hr. split; [intros ->; exact A|]. split; [intros ->; exact B|].
    intros Hj. apply not_right, H, Hj.
Qed.

Lemma any_spec L z : (forall j, In j L -> (j < n)%nat) ->
  any right_for L z <-> wrong nil z /\ ~ wrong L z.
Proof.
  intros HL. rewrite !wrong_spec by (assumption || intros j []). split.
  - intros (j & Hj & K & S). split; [split; [exact K|intros i []]|]. intros (_ & H). apply (H j Hj S).
  - intros ((K & _) & H). apply NNPP. intros No. apply H. split; [exact K|]. intros j Hj S.
    apply No. exists j. split; [exact Hj|split; assumption].
Qed.

Hypothesis gamma_gt_1 : 1 < gamma.
Hypothesis w_max_pos : 0 < w_max.
Hypothesis digit_of_k : (d < k)%nat.

(** Half for each in-weight that must be wrong. *)
Lemma prod_of_list L : NoDup L -> (forall j, In j L -> (j < n)%nat) ->
  prod n (fun r => if in_dec Nat.eq_dec r L then / 2 else 1) = / 2 ^ length L.
Proof.
  induction L as [|j L IH]; intros ND HL.
  - simpl. rewrite prod_one; [field|]. intros i _. destruct (in_dec Nat.eq_dec i nil) as [[]|]. reflexivity.
  - inversion ND; subst. rewrite (prod_ext n _ (fun r =>
      (if Nat.eqb j r then / 2 else 1) * (if in_dec Nat.eq_dec r L then / 2 else 1))).
    + rewrite prod_mult, (prod_pick n j (fun _ => / 2)) by (apply HL; left; reflexivity).
      rewrite IH by (auto; intros; apply HL; right; assumption). simpl. field.
      apply pow_nonzero. lra.
    + intros r _. destruct (Nat.eqb_spec j r) as [->|N].
      * destruct (in_dec Nat.eq_dec r (r :: L)) as [_|K]; [|destruct K; left; reflexivity].
        destruct (in_dec Nat.eq_dec r L) as [K|_]; [tauto|ring].
      * destruct (in_dec Nat.eq_dec r (j :: L)) as [K|K], (in_dec Nat.eq_dec r L) as [K'|K']; try ring.
        -- destruct K as [K|K]; tauto.
        -- destruct K. right. exact K'.
Qed.

Lemma wrong_at_probability L r : (forall j, In j L -> (j < n)%nat) ->
  ev (prob uniform) (wrong_at L r) /\
  Pr (prob uniform) (wrong_at L r) =
  if Nat.eqb r n then / 2 else if Nat.eqb r (n + 1) then / INR k
  else if in_dec Nat.eq_dec r L then / 2 else 1.
Proof.
  intros HL. assert (Out : forall q, (n <= q)%nat -> ~ In q L)
    by (intros q Hq K; specialize (HL q K); lia).
  set (P := prob uniform).
  assert (By : forall (A : R -> Prop) x, (forall u, A u <-> wrong_at L r u) -> ev P A /\ Pr P A = x ->
    ev P (wrong_at L r) /\ Pr P (wrong_at L r) = x).
  { intros A x X [V Q]. split; [apply (ev_ext _ P A); assumption|]. rewrite <- Q. symmetry.
    apply Pr_ext, X. }
  destruct (Nat.eqb_spec r n) as [->|N1]; [|destruct (Nat.eqb_spec r (n + 1)) as [->|N2]].
  - eapply By; [|apply (sign_probability positive)]. intros u. unfold wrong_at.
    specialize (Out n ltac:(lia)). split; [|intros (A & _); auto].
    intros A. split; [auto|]. split; [lia|tauto].
  - eapply By; [|apply (digit_probability gamma w_max k d); assumption]. intros u. unfold wrong_at.
    specialize (Out (n + 1)%nat ltac:(lia)). split; [|intros (_ & A & _); auto].
    intros A. split; [lia|]. split; [auto|tauto].
  - destruct (in_dec Nat.eq_dec r L) as [I|I].
    + eapply By; [|apply (sign_probability (negb (right r)))]. intros u. unfold wrong_at.
      split; [|intros (_ & _ & A); auto]. intros A. split; [tauto|]. split; [tauto|auto].
    + eapply By; [|split; [apply (ev_true _ P)|apply (Pr_true _ P)]]. intros u. unfold wrong_at. tauto.
Qed.

Lemma wrong_probability L : NoDup L -> (forall j, In j L -> (j < n)%nat) ->
  ev (prob (pool_neuron_law n)) (wrong L) /\
  Pr (prob (pool_neuron_law n)) (wrong L) = / (2 * INR k) * / 2 ^ length L.
Proof.
  intros ND HL. split.
  - apply ev_all. intros r Hr.
    apply (ev_coordinate 0 (fun _ => uniform) (n + 2) r (wrong_at L r) Hr), wrong_at_probability, HL.
  - transitivity (PE 0 (fun _ => uniform) (n + 2) (fun z =>
      prod (n + 2) (fun r => (fun r u => ind (wrong_at L r u)) r (z r)))).
    { simpl. f_equal. extensionality z. apply ind_all. }
    rewrite (PE_prod 0 (fun _ => uniform) (n + 2) (fun r u => ind (wrong_at L r u)))
      by (intros r _; apply (wrong_at_probability L r HL)).
    transitivity (prod (n + 2) (fun r => if Nat.eqb r n then / 2 else if Nat.eqb r (n + 1) then / INR k
      else if in_dec Nat.eq_dec r L then / 2 else 1)).
    { apply prod_ext. intros r _. apply (wrong_at_probability L r HL). }
    replace (n + 2)%nat with (S (S n)) by lia. cbn [prod].
    rewrite (prod_ext n _ (fun r => if in_dec Nat.eq_dec r L then / 2 else 1)), prod_of_list by
      (assumption || (intros r Hr; destruct (Nat.eqb_spec r n); [lia|];
       destruct (Nat.eqb_spec r (n + 1)); [lia|reflexivity])).
    rewrite Nat.eqb_refl. destruct (Nat.eqb_spec (S n) n); [lia|].
    destruct (Nat.eqb_spec (S n) (n + 1)); [|lia].
    assert (0 < INR k) by (apply lt_0_INR; lia). field. split; [apply pow_nonzero|]; lra.
Qed.

Lemma ev_right_for j : (j < n)%nat -> ev (prob (pool_neuron_law n)) (right_for j).
Proof.
  intros Hj. apply (ev_ext _ _ (fun z => wrong nil z /\ sign (z j) = sgn (right j))).
  - intros z. rewrite wrong_spec by (intros i []). unfold right_for. simpl. tauto.
  - apply ev_and; [apply wrong_probability; [constructor|intros i []]|].
    apply (ev_coordinate 0 (fun _ => uniform) (n + 2) j (fun u => sign u = sgn (right j)));
      [lia|apply sign_probability].
Qed.

Lemma any_probability L : NoDup L -> (forall j, In j L -> (j < n)%nat) ->
  ev (prob (pool_neuron_law n)) (any right_for L) /\
  Pr (prob (pool_neuron_law n)) (any right_for L) = / (2 * INR k) * (1 - / 2 ^ length L).
Proof.
  intros ND HL. set (P := prob (pool_neuron_law n)).
  destruct (wrong_probability nil ltac:(constructor) ltac:(intros j [])) as [V0 Q0].
  destruct (wrong_probability L ND HL) as [V Q]. fold P in V0, Q0, V, Q.
  assert (X : forall z, (wrong nil z /\ ~ wrong L z) <-> any right_for L z)
    by (intros z; symmetry; apply any_spec, HL).
  split; [apply (ev_ext _ P _ _ X), ev_and; [exact V0|apply ev_not, V]|].
  rewrite <- (Pr_ext _ P _ _ X). pose proof (Pr_cases P _ _ V0 V) as C.
  rewrite (Pr_ext _ P (fun z => wrong nil z /\ wrong L z) (wrong L)) in C.
  - simpl length in Q0. rewrite Q, Q0 in C. simpl pow in C. lra.
  - intros z. split; [tauto|]. intros H. split; [|exact H].
    apply wrong_spec; [intros j []|]. split; [apply (wrong_spec L z HL), H|intros j []].
Qed.
End Category.
