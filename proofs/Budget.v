(** * From weights to a network: the error budget (chapter _main_theorem_) *)

From Coq Require Import Reals Lra Psatz Lia Arith ClassicalEpsilon.
From GoldenTickets Require Import Sums Malach Probability Network.
Open Scope R_scope.

(** ** The error of one layer *)

(** A row of errors, at most [eps |y j|] each and 0 outside [S]. *)
Lemma row_error n eps (err y : vec) (S : nat -> Prop) :
  (forall j, (j < n)%nat -> Rabs (err j) <= eps * Rabs (y j)) ->
  (forall j, (j < n)%nat -> ~ S j -> err j = 0) ->
  sum n err * sum n err <=
  sum n (fun j => if excluded_middle_informative (S j) then 1 else 0) * (eps * eps * sq n y).
Proof.
  intros H Z. set (chi := fun j => if excluded_middle_informative (S j) then 1 else 0).
  assert (E : sum n err = sum n (fun j => chi j * err j)).
  { apply sum_ext. intros j Hj. unfold chi.
    destruct (excluded_middle_informative (S j)); [ring|rewrite Z; auto; ring]. }
  rewrite E. eapply Rle_trans; [apply cauchy_schwarz|].
  assert (C : sq n chi = sum n chi).
  { apply sum_ext. intros j _. unfold chi. destruct (excluded_middle_informative (S j)); ring. }
  rewrite C. apply Rmult_le_compat_l.
  - apply sum_nonneg. intros j _. unfold chi. destruct (excluded_middle_informative (S j)); lra.
  - unfold sq. rewrite <- sum_scal. apply sum_le. intros j Hj. specialize (H j Hj).
    pose proof (Rabs_pos (err j)). rewrite <- (abs_square (err j)), <- (abs_square (y j)). nra.
Qed.

Lemma layer_error_entries n_out n_in eps (err : nat -> nat -> R) (y : vec) S :
  0 <= eps ->
  (forall o j, (o < n_out)%nat -> (j < n_in)%nat -> Rabs (err o j) <= eps * Rabs (y j)) ->
  (forall o j, (o < n_out)%nat -> (j < n_in)%nat -> ~ S o j -> err o j = 0) ->
  norm n_out (fun o => sum n_in (err o)) <= eps * sqrt (count n_out n_in S) * norm n_in y.
Proof.
  intros He H Z. pose proof (norm_nonneg n_in y). pose proof (sqrt_pos (count n_out n_in S)).
  apply le_of_sq; [repeat apply Rmult_le_pos; lra|]. rewrite norm_sqr.
  apply Rle_trans with (count n_out n_in S * (eps * eps * sq n_in y)).
  - unfold count. rewrite Rmult_comm, <- sum_scal. apply sum_le. intros o Ho.
    rewrite (Rmult_comm (eps * eps * _)). apply (row_error n_in eps (err o) y (S o)); auto.
  - pose proof (sqrt_sqrt (count n_out n_in S) (count_nonneg _ _ _)) as SS. right.
    transitivity ((sqrt (count n_out n_in S) * sqrt (count n_out n_in S)) *
                  (eps * eps * (norm n_in y * norm n_in y)));
      [rewrite SS, norm_sqr; reflexivity|ring].
Qed.

(** The 2-norm against the largest entry. *)
Lemma norm_max n y y_max : 0 <= y_max -> (forall j, (j < n)%nat -> Rabs (y j) <= y_max) ->
  norm n y <= sqrt (INR n) * y_max.
Proof.
  intros Hy H. eapply Rle_trans; [apply norm_le with (v := fun _ => y_max); exact H|].
  unfold norm, sq. rewrite sum_const, sqrt_mult by (auto using pos_INR, square_nonneg).
  rewrite sqrt_square by exact Hy. lra.
Qed.

(** [layer-error] (whole): with [layer_error_attained]; [n sqrt n] is the book's n^(3/2). *)
Theorem layer_error n_out n_in eps_w m (W pos neg : nat -> nat -> R) (y : vec) y_max :
  0 <= eps_w -> 0 <= y_max -> (forall j, (j < n_in)%nat -> Rabs (y j) <= y_max) ->
  (forall o j, Rabs (pos o j - W o j) <= eps_w /\ Rabs (neg o j - W o j) <= eps_w) ->
  count n_out n_in (fun o j => pos o j <> W o j \/ neg o j <> W o j) <= m <= INR n_out * INR n_in ->
  let n := INR (Nat.max n_out n_in) in
  let error := norm n_out (fun o => sum n_in (fun j =>
    (pos o j * relu (y j) - neg o j * relu (- y j)) - W o j * y j)) in
  error <= eps_w * sqrt m * norm n_in y /\
  eps_w * sqrt m * norm n_in y <= eps_w * sqrt (INR n_out * INR n_in) * norm n_in y /\
  eps_w * sqrt (INR n_out * INR n_in) * norm n_in y <= eps_w * (n * sqrt n) * y_max.
Proof.
  intros He Hy HY H [Hm1 Hm2] n error. pose proof (norm_nonneg n_in y) as Ny. repeat split.
  - eapply Rle_trans; [apply layer_error_entries with
      (eps := eps_w) (S := fun o j => pos o j <> W o j \/ neg o j <> W o j) (y := y)|].
    + exact He.
    + intros o j _ _. destruct (H o j) as [Hp Hn]. apply Rabs_le_inv in Hp, Hn.
      destruct (Rle_dec 0 (y j)) as [Y|Y].
      * rewrite (relu_pos (y j)), (relu_neg (- y j)) by lra.
        replace (pos o j * y j - neg o j * 0 - W o j * y j) with ((pos o j - W o j) * y j) by ring.
        rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|apply Rabs_le; lra].
      * rewrite (relu_neg (y j)), (relu_pos (- y j)) by lra.
        replace (pos o j * 0 - neg o j * - y j - W o j * y j) with ((neg o j - W o j) * y j) by ring.
        rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|apply Rabs_le; lra].
    + intros o j _ _ N. assert (pos o j = W o j) as -> by (destruct (Req_dec (pos o j) (W o j)); tauto).
      assert (neg o j = W o j) as -> by (destruct (Req_dec (neg o j) (W o j)); tauto).
      destruct (Rle_dec 0 (y j)) as [Y|Y].
      * rewrite (relu_pos (y j)), (relu_neg (- y j)) by lra. ring.
      * rewrite (relu_neg (y j)), (relu_pos (- y j)) by lra. ring.
    + apply Rmult_le_compat_r; [exact Ny|]. apply Rmult_le_compat_l; [exact He|].
      apply sqrt_le_1_alt, Hm1.
  - apply Rmult_le_compat_r; [exact Ny|]. apply Rmult_le_compat_l; [exact He|].
    apply sqrt_le_1_alt, Hm2.
  - pose proof (norm_max n_in y y_max Hy HY) as B.
    assert (Ho : INR n_out <= n) by (apply le_INR; lia).
    assert (Hi : INR n_in <= n) by (apply le_INR; lia).
    pose proof (pos_INR n_out). pose proof (pos_INR n_in).
    rewrite !Rmult_assoc. apply Rmult_le_compat_l; [exact He|].
    apply Rle_trans with (sqrt (n * n) * (sqrt n * y_max)).
    + apply Rmult_le_compat; [apply sqrt_pos|exact Ny|apply sqrt_le_1_alt; nra|].
      eapply Rle_trans; [exact B|]. apply Rmult_le_compat_r; [exact Hy|apply sqrt_le_1_alt, Hi].
    + rewrite sqrt_square by lra. right. ring.
Qed.

(** [layer-error] (part): for [n * n] wrong entries all of it can be an equality. *)
Theorem layer_error_attained n eps_w : 0 <= eps_w ->
  let pos := fun _ _ : nat => eps_w in let neg := pos in let W := fun _ _ : nat => 0 in
  let y := fun _ : nat => 1 in
  norm n (fun o => sum n (fun j => (pos o j * relu (y j) - neg o j * relu (- y j)) - W o j * y j)) =
  eps_w * (INR n * sqrt (INR n)) * 1.
Proof.
  intros He pos neg W y. unfold pos, neg, W, y.
  rewrite (norm_ext n _ (fun _ => eps_w * INR n)).
  - unfold norm, sq. rewrite sum_const, sqrt_mult by (auto using pos_INR, square_nonneg).
    rewrite sqrt_square by (apply Rmult_le_pos; auto using pos_INR). ring.
  - intros o _. rewrite (sum_ext n _ (fun _ => eps_w)).
    + rewrite sum_const. ring.
    + intros j _. rewrite (relu_pos 1), (relu_neg (Ropp 1)) by lra. ring.
Qed.

(** ** The error of all layers *)

(** e_i in the book; η is [eta], A_(i-1) is [A i]. *)
Fixpoint budget (lambda norm_W A eta : nat -> R) (i : nat) : R :=
  match i with
  | O => 0
  | S i => let e := budget lambda norm_W A eta i in
           lambda i * (norm_W i * e + eta i * (A i + e))
  end.

(** [error-budget] (whole): [H i] is what layer [i] of the ticket computes before its activation. *)
Theorem error_budget N lambda norm_W A eta (H : nat -> vec -> vec) (D : vec -> Prop) :
  lipschitz N lambda -> operator_norm N norm_W -> reads_at_most N D A ->
  (forall i, (i < layers N)%nat -> 0 <= eta i) ->
  (forall i y, (i < layers N)%nat ->
     norm (width N (S i)) (fun o => H i y o - linear N i y o) <= eta i * norm (reads N i) y) ->
  forall x i, D x -> (i <= layers N)%nat ->
  norm (width N i) (fun o => run N H i x o - target N i x o) <= budget lambda norm_W A eta i.
Proof.
  intros HL HW HA He HH x i Hx. induction i as [|i IH]; intros Hi.
  - simpl. rewrite (norm_ext _ _ (fun _ => 0)) by (intros; unfold target; simpl; lra).
    rewrite norm_zero. lra.
  - unfold target in *. simpl run. simpl budget.
    set (yh := read N i (run N H i x)). set (y := read N i (run N (linear N) i x)).
    set (e := budget lambda norm_W A eta i) in *.
    assert (Dy : norm (reads N i) (fun j => yh j - y j) <= e)
      by (unfold yh, y; rewrite read_isometric; apply IH; lia).
    assert (Y : norm (reads N i) y <= A i) by (apply (HA x Hx i); lia).
    assert (Yh : norm (reads N i) yh <= A i + e).
    { rewrite (norm_ext _ yh (fun j => y j + (yh j - y j))) by (intros; ring).
      eapply Rle_trans; [apply norm_triangle|]. lra. }
    apply Rle_trans with
      (norm (width N (S i)) (fun o => lambda i * Rabs (H i yh o - linear N i y o))).
    { apply norm_le. intros o _. apply HL. lia. }
    pose proof (lipschitz_nonneg N lambda i HL ltac:(lia)) as Lp.
    rewrite norm_scal, norm_Rabs by exact Lp. apply Rmult_le_compat_l; [exact Lp|].
    (* H yh - W y = W (yh - y) + (H yh - W yh) *)
    apply Rle_trans with (norm (width N (S i)) (fun o =>
      linear N i (fun j => yh j - y j) o + (H i yh o - linear N i yh o))).
    { right. apply norm_ext. intros o _. unfold linear.
      rewrite (sum_ext _ (fun j => weight N i o j * (yh j - y j))
        (fun j => weight N i o j * yh j - weight N i o j * y j)) by (intros; ring).
      rewrite sum_minus. ring. }
    eapply Rle_trans; [apply norm_triangle|].
    destruct (HW i ltac:(lia)) as [W0 W1]. pose proof (W1 (fun j => yh j - y j)).
    pose proof (HH i yh ltac:(lia)). pose proof (He i ltac:(lia)). nra.
Qed.

(** ** Closed forms *)

(** P in the book. *)
Fixpoint growth (lambda norm_W : nat -> R) (i : nat) : R :=
  match i with O => 1 | S i => growth lambda norm_W i * Rmax 1 (lambda i * norm_W i) end.

Lemma growth_ge_1 lambda norm_W i : 1 <= growth lambda norm_W i.
Proof. induction i as [|i IH]; simpl; [lra|]. pose proof (Rmax_l 1 (lambda i * norm_W i)). nra. Qed.

(** One layer more: [P], [Q] are the growth and [(1 + u)^i] so far, [g] is the growth of this layer. *)
Lemma budget_step A u L lw Ai g P Q e :
  0 <= L <= u -> 0 <= e -> 0 <= Ai <= A -> 1 <= g -> lw <= g -> 1 <= P ->
  e <= A * P * (Q - 1) -> lw * e + L * (Ai + e) <= A * (P * g) * (Q * (1 + u) - 1).
Proof.
  intros HL He HA Hg Hlw HP IH.
  apply Rle_trans with (g * (1 + u) * e + u * A).
  - assert (L * Ai <= u * A) by nra. assert (lw * e <= g * e) by nra.
    assert (L * e <= u * e) by nra. assert (0 <= u * e) by (apply Rmult_le_pos; lra).
    assert (u * e <= g * u * e) by nra. lra.
  - assert (G : 0 <= g * (1 + u)) by (apply Rmult_le_pos; lra).
    pose proof (Rmult_le_compat_l _ _ _ G IH) as B.
    assert (PG : 1 <= P * g) by nra. assert (UA : 0 <= u * A) by (apply Rmult_le_pos; lra).
    pose proof (Rmult_le_compat_l _ _ _ UA PG) as C. nra.
Qed.

Lemma budget_power lambda norm_W A A_max eta u l :
  (forall i, (i < l)%nat -> 0 <= lambda i /\ 0 <= norm_W i /\ 0 <= eta i) ->
  (forall i, (i < l)%nat -> 0 <= A i <= A_max /\ lambda i * eta i <= u) ->
  0 <= budget lambda norm_W A eta l <= A_max * growth lambda norm_W l * ((1 + u) ^ l - 1).
Proof.
  induction l as [|i IH]; intros Hp H; [simpl; lra|].
  destruct IH as [I0 I1]; [auto|auto|]. destruct (H i ltac:(lia)) as [HA Hu].
  destruct (Hp i ltac:(lia)) as (L0 & W0 & E0).
  assert (0 <= lambda i * eta i) by (apply Rmult_le_pos; auto).
  set (e := budget lambda norm_W A eta i) in *. simpl. fold e. split.
  - apply Rmult_le_pos; [exact L0|].
    assert (0 <= norm_W i * e) by nra. assert (0 <= eta i * (A i + e)) by nra. lra.
  - replace ((1 + u) * (1 + u) ^ i) with ((1 + u) ^ i * (1 + u)) by ring.
    replace (lambda i * (norm_W i * e + eta i * (A i + e)))
      with (lambda i * norm_W i * e + lambda i * eta i * (A i + e)) by ring.
    apply budget_step; auto using Rmax_l, Rmax_r, growth_ge_1.
Qed.

Lemma pow_exp v m : 0 <= v -> (1 + v) ^ m <= exp (INR m * v).
Proof.
  intros Hv. induction m as [|m IH]; [simpl; rewrite Rmult_0_l, exp_0; lra|].
  rewrite S_INR. replace ((INR m + 1) * v) with (INR m * v + v) by ring. rewrite exp_plus. simpl.
  pose proof (exp_ineq1_le v). pose proof (exp_pos (INR m * v)).
  assert (0 <= (1 + v) ^ m) by (apply pow_le; lra). nra.
Qed.

Lemma ln_le x y : 0 < x -> x <= y -> ln x <= ln y.
Proof. intros Hx [H|H]; [left; apply ln_increasing; auto|right; now rewrite H]. Qed.

Lemma ln_1p_pos z : 0 < z -> 0 < ln (1 + z).
Proof. intros H. rewrite <- ln_1 at 1. apply ln_increasing; lra. Qed.

(** What makes a budget small enough. *)
Definition budget_inputs N lambda norm_W (A s : nat -> R) (lambda_max A_max s_max : R) : Prop :=
  (1 <= layers N)%nat /\ 0 < lambda_max /\ 0 < A_max /\ 0 < s_max /\
  lipschitz N lambda /\ operator_norm N norm_W /\
  forall i, (i < layers N)%nat ->
  0 <= A i <= A_max /\ 0 <= s i <= s_max /\ lambda i <= lambda_max.

(** [budget-logarithm] (whole). *)
Theorem budget_logarithm N lambda norm_W A s lambda_max A_max s_max :
  budget_inputs N lambda norm_W A s lambda_max A_max s_max ->
  let l := layers N in let P := growth lambda norm_W l in
  (forall eps_w, 0 <= eps_w -> budget lambda norm_W A (fun i => eps_w * s i) l <=
     A_max * P * ((1 + lambda_max * s_max * eps_w) ^ l - 1)) /\
  (forall epsilon, 0 < epsilon ->
     let eps_w := / (INR l * lambda_max * s_max) * ln (1 + epsilon / (A_max * P)) in
     0 < eps_w /\ budget lambda norm_W A (fun i => eps_w * s i) l <= epsilon).
Proof.
  intros (Hl & L0 & A0 & S0 & HL & HW & H) l P.
  assert (First : forall eps_w, 0 <= eps_w -> budget lambda norm_W A (fun i => eps_w * s i) l <=
    A_max * P * ((1 + lambda_max * s_max * eps_w) ^ l - 1)).
  { intros eps_w He. apply budget_power.
    - intros i Hi. destruct (H i Hi) as (_ & Hs & _). repeat split.
      + apply (lipschitz_nonneg N); auto.
      + apply (HW i Hi).
      + apply Rmult_le_pos; lra.
    - intros i Hi. destruct (H i Hi) as (HA & Hs & Hlam). split; [exact HA|].
      pose proof (lipschitz_nonneg N lambda i HL Hi).
      assert (lambda i * s i <= lambda_max * s_max) by (apply Rmult_le_compat; lra).
      assert (lambda i * s i * eps_w <= lambda_max * s_max * eps_w)
        by (apply Rmult_le_compat_r; lra). lra. }
  split; [exact First|]. intros epsilon He eps_w.
  assert (LL : 0 < INR l) by (apply lt_0_INR; unfold l; lia).
  pose proof (growth_ge_1 lambda norm_W l) as G. fold P in G. assert (AP : 0 < A_max * P) by nra.
  assert (Z : 0 < epsilon / (A_max * P)) by (apply Rdiv_lt_0_compat; lra).
  pose proof (ln_1p_pos _ Z) as LN.
  assert (LS : 0 < INR l * lambda_max * s_max) by (repeat apply Rmult_lt_0_compat; lra).
  assert (E0 : 0 < eps_w) by (apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat|]; lra).
  split; [exact E0|]. eapply Rle_trans; [apply First; lra|].
  assert (U : (1 + lambda_max * s_max * eps_w) ^ l <= 1 + epsilon / (A_max * P)).
  { eapply Rle_trans.
    - apply pow_exp. apply Rmult_le_pos; [apply Rmult_le_pos|]; lra.
    - right. rewrite <- (exp_ln (1 + epsilon / (A_max * P))) by lra. f_equal.
      unfold eps_w. field. lra. }
  assert (E : A_max * P * (epsilon / (A_max * P)) = epsilon) by (field; split; lra).
  rewrite <- E. apply Rmult_le_compat_l; lra.
Qed.

(** [exp] lies below its chord from 0 to 1: two tangents at [t] say so. *)
Lemma exp_chord t : 0 <= t <= 1 -> exp t <= 1 + (exp 1 - 1) * t.
Proof.
  intros Ht. pose proof (exp_pos t) as P.
  pose proof (exp_ineq1_le (- t)) as H0. pose proof (exp_ineq1_le (1 - t)) as H1.
  assert (E0 : exp t * exp (- t) = 1)
    by (rewrite <- exp_plus; replace (t + - t) with 0 by ring; apply exp_0).
  assert (E1 : exp t * exp (1 - t) = exp 1) by (rewrite <- exp_plus; f_equal; ring).
  assert (A0 : exp t * (1 - t) <= 1) by nra. assert (A1 : exp t * (2 - t) <= exp 1) by nra.
  assert ((1 - t) * (exp t * (1 - t)) <= (1 - t) * 1) by (apply Rmult_le_compat_l; lra).
  assert (t * (exp t * (2 - t)) <= t * exp 1) by (apply Rmult_le_compat_l; lra). nra.
Qed.

Lemma closed_form_scalar z : 0 <= z -> Rmin (z / (exp 1 - 1)) 1 <= ln (1 + z).
Proof.
  intros Hz. pose proof (exp_ineq1 1 ltac:(lra)) as K. set (t := Rmin (z / (exp 1 - 1)) 1).
  assert (T : 0 <= t <= 1).
  { unfold t. split; [apply Rmin_glb; [|lra]|apply Rmin_r].
    apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]. }
  assert (T2 : (exp 1 - 1) * t <= z).
  { apply Rle_trans with ((exp 1 - 1) * (z / (exp 1 - 1))); [|right; field; lra].
    apply Rmult_le_compat_l; [lra|apply Rmin_l]. }
  pose proof (exp_chord t T) as C. rewrite <- (ln_exp t). apply ln_le; [apply exp_pos|lra].
Qed.

(** The budget grows with [eps_w]. *)
Lemma budget_mono lambda norm_W A eta eta' l :
  (forall i, (i < l)%nat -> 0 <= lambda i /\ 0 <= norm_W i /\ 0 <= A i /\ 0 <= eta i <= eta' i) ->
  0 <= budget lambda norm_W A eta l <= budget lambda norm_W A eta' l.
Proof.
  induction l as [|l IH]; intros H; simpl; [lra|]. destruct IH as [I0 I1]; [auto|].
  destruct (H l ltac:(lia)) as (L0 & W0 & A0 & E0 & E1). split.
  - apply Rmult_le_pos; [exact L0|].
    assert (0 <= norm_W l * budget lambda norm_W A eta l) by nra.
    assert (0 <= eta l * (A l + budget lambda norm_W A eta l)) by nra. lra.
  - apply Rmult_le_compat_l; [exact L0|]. apply Rplus_le_compat; [nra|].
    apply Rmult_le_compat; lra.
Qed.

(** The widest layer: n in the book. *)
Definition widest (N : network) (n : R) : Prop :=
  1 <= n /\ forall i, (i < layers N)%nat -> INR (width N (S i)) <= n /\ INR (reads N i) <= n.

(** The book's ε_w; [n sqrt n] is n^(3/2). *)
Definition closed_form (kappa epsilon lambda_max n F_max P : R) (l : nat) : R :=
  Rmin (epsilon / (kappa * INR l * lambda_max * (n * sqrt n) * F_max * P))
       (/ (INR l * lambda_max * n)).

(** [l] linear neurons in a row. *)
Definition neurons_in_a_row (l : nat) : network :=
  {| layers := l; width := fun _ => 1%nat; bias := false; weight := fun _ _ _ => 1;
     activation := fun _ z => z |}.

Lemma neurons_in_a_row_are_isometric l :
  lipschitz (neurons_in_a_row l) (fun _ => 1) /\ operator_norm (neurons_in_a_row l) (fun _ => 1) /\
  widest (neurons_in_a_row l) 1.
Proof.
  split; [|split].
  - intros i u v _. simpl. lra.
  - intros i _. split; [lra|]. intros y. unfold reads. simpl. rewrite !norm_1.
    unfold linear. simpl. rewrite Rplus_0_l, Rmult_1_l. lra.
  - split; [lra|]. intros i _. unfold reads. simpl. lra.
Qed.

Lemma growth_of_ones l : growth (fun _ => 1) (fun _ => 1) l = 1.
Proof. induction l as [|l IH]; simpl; [reflexivity|]. rewrite IH, Rmult_1_l, Rmax_left; lra. Qed.

Lemma budget_of_ones u l :
  budget (fun _ => 1) (fun _ => 1) (fun _ => 1) (fun _ => u * sqrt (INR 1 * INR 1)) l = (1 + u) ^ l - 1.
Proof.
  induction l as [|l IH]; cbn [budget pow]; [ring|]. rewrite IH.
  replace (INR 1 * INR 1) with 1 by (simpl; ring). rewrite sqrt_1. ring.
Qed.

Lemma exp_le_pow y q n : exp y <= q -> exp (INR n * y) <= q ^ n.
Proof.
  intros H. pose proof (exp_pos y). induction n as [|n IH]; [simpl; rewrite Rmult_0_l, exp_0; lra|].
  rewrite S_INR, Rmult_plus_distr_r, Rmult_1_l, exp_plus, (Rmult_comm (exp (INR n * y))). cbn [pow].
  apply Rmult_le_compat; [lra|left; apply exp_pos|exact H|exact IH].
Qed.

(** (1 + 1/l)^l comes as close to e as one likes. *)
Lemma compound kappa : 0 < kappa < exp 1 - 1 ->
  exists l, (1 <= l)%nat /\ kappa < (1 + / INR l) ^ l - 1.
Proof.
  intros Hk. pose proof (ln_increasing (1 + kappa) (exp 1) ltac:(lra) ltac:(lra)) as L.
  rewrite ln_exp in L.
  destruct (archimed_cor1 (1 - ln (1 + kappa)) ltac:(lra)) as (l & Hl & Pl).
  exists l. split; [lia|]. assert (P : 1 <= INR l) by (apply (le_INR 1); lia).
  set (y := / (INR l + 1)). assert (Y : 0 < y < 1).
  { unfold y. split; [apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_lt_contravar; lra. }
  assert (B : exp y <= 1 + / INR l).
  { pose proof (exp_ineq1_le (- y)) as Q. rewrite exp_Ropp in Q.
    replace (1 + / INR l) with (/ (1 + - y)) by (unfold y; field; lra).
    rewrite <- (Rinv_inv (exp y)). apply Rinv_le_contravar; lra. }
  pose proof (exp_le_pow y _ l B) as C.
  assert (X : INR l * y = 1 - y) by (unfold y; field; lra).
  assert (Z : y < / INR l) by (unfold y; apply Rinv_lt_contravar; [apply Rmult_lt_0_compat|]; lra).
  assert (V : exp (ln (1 + kappa)) < exp (INR l * y)) by (apply exp_increasing; lra).
  rewrite exp_ln in V by lra. lra.
Qed.

(** [budget-closed-form] (whole): no smaller κ will do for [neurons_in_a_row l], with some [l], whose
    inputs are at most 1. *)
Theorem budget_closed_form :
  (forall N lambda norm_W A lambda_max n F_max kappa epsilon,
     (1 <= layers N)%nat -> 0 < lambda_max -> 0 < F_max -> widest N n ->
     lipschitz N lambda -> operator_norm N norm_W ->
     (forall i, (i < layers N)%nat -> lambda i <= lambda_max /\ 0 <= A i <= sqrt n * F_max) ->
     0 < epsilon -> kappa = exp 1 \/ kappa = exp 1 - 1 ->
     let l := layers N in let P := growth lambda norm_W l in
     let eps_w := closed_form kappa epsilon lambda_max n F_max P l in
     let eta := fun i => eps_w * sqrt (INR (width N (S i)) * INR (reads N i)) in
     0 < eps_w /\ budget lambda norm_W A eta l <= epsilon) /\
  (forall kappa, 0 < kappa < exp 1 - 1 -> exists l, (1 <= l)%nat /\
     let N := neurons_in_a_row l in let one := fun _ => 1 in
     lipschitz N one /\ operator_norm N one /\ widest N 1 /\
     let eps_w := closed_form kappa kappa 1 1 1 (growth one one l) l in
     let eta := fun i => eps_w * sqrt (INR (width N (S i)) * INR (reads N i)) in
     kappa < budget one one one eta l).
Proof.
  split.
  { intros N lambda norm_W A lambda_max n F_max kappa epsilon Hl L0 F0 [Hn HN] HL HW H He Hk.
    intros l P eps_w eta.
    pose proof (exp_ineq1 1 ltac:(lra)) as E1.
    assert (K0 : exp 1 - 1 <= kappa) by lra.
    assert (LL : 0 < INR l) by (apply lt_0_INR; unfold l; lia).
    pose proof (growth_ge_1 lambda norm_W l) as G. fold P in G.
    assert (Sn : 0 < sqrt n) by (apply sqrt_lt_R0; lra).
    set (s := fun i => sqrt (INR (width N (S i)) * INR (reads N i))).
    assert (Hs : forall i, (i < layers N)%nat -> 0 <= s i <= n).
    { intros i Hi. split; [apply sqrt_pos|]. destruct (HN i Hi).
      rewrite <- (sqrt_square n) by lra. apply sqrt_le_1_alt.
      apply Rmult_le_compat; auto using pos_INR. }
    assert (BI : budget_inputs N lambda norm_W A s lambda_max (sqrt n * F_max) n).
    { do 6 (split; [assumption || lra || (apply Rmult_lt_0_compat; lra)|]).
      intros i Hi. destruct (H i Hi). auto. }
    destruct (budget_logarithm N lambda norm_W A s lambda_max (sqrt n * F_max) n BI) as [_ B].
    destruct (B epsilon He) as [B0 B1]. fold l P in B0, B1.
    set (AP := sqrt n * F_max * P) in *. assert (AP0 : 0 < AP) by (repeat apply Rmult_lt_0_compat; lra).
    assert (LLn : 0 < INR l * lambda_max * n) by (repeat apply Rmult_lt_0_compat; lra).
    assert (E0 : 0 < eps_w).
    { apply Rmin_glb_lt; [apply Rdiv_lt_0_compat; [exact He|]|apply Rinv_0_lt_compat; exact LLn].
      repeat apply Rmult_lt_0_compat; lra. }
    split; [exact E0|].
    (* the closed form is at most the logarithmic one *)
    assert (Z : 0 < epsilon / AP) by (apply Rdiv_lt_0_compat; lra).
    pose proof (closed_form_scalar (epsilon / AP) ltac:(lra)) as Q.
    assert (C : eps_w <= / (INR l * lambda_max * n) * ln (1 + epsilon / AP)).
    { eapply Rle_trans; [|apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat; exact LLn|exact Q]].
      unfold eps_w, closed_form.
      set (D := INR l * lambda_max * n) in *. assert (D0 : 0 < / D) by (apply Rinv_0_lt_compat; lra).
      assert (X : epsilon / (kappa * INR l * lambda_max * (n * sqrt n) * F_max * P)
                  <= / D * (epsilon / AP / (exp 1 - 1))).
      { replace (epsilon / (kappa * INR l * lambda_max * (n * sqrt n) * F_max * P))
          with (/ D * (epsilon / AP / kappa)) by (unfold D, AP; field; repeat split; lra).
        apply Rmult_le_compat_l; [lra|]. apply Rmult_le_compat_l; [lra|].
        apply Rinv_le_contravar; lra. }
      unfold Rmin at 2. destruct (Rle_dec (epsilon / AP / (exp 1 - 1)) 1).
      - eapply Rle_trans; [apply Rmin_l|exact X].
      - rewrite Rmult_1_r. apply Rmin_r. }
    eapply Rle_trans; [|exact B1]. apply budget_mono. intros i Hi.
    destruct (H i Hi) as (_ & A0). destruct (Hs i Hi) as (S0 & _). repeat split.
    - apply (lipschitz_nonneg N); auto.
    - apply (HW i Hi).
    - lra.
    - apply Rmult_le_pos; [lra|exact S0].
    - apply Rmult_le_compat_r; [exact S0|exact C]. }
  intros kappa Hk. destruct (compound kappa Hk) as (l & Hl & C).
  exists l. split; [exact Hl|]. intros N one. destruct (neurons_in_a_row_are_isometric l) as (I1 & I2 & I3).
  split; [exact I1|split; [exact I2|split; [exact I3|]]]. intros eps_w eta.
  assert (P : 1 <= INR l) by (apply (le_INR 1); exact Hl).
  assert (E : eps_w = / INR l).
  { unfold eps_w, closed_form, one. rewrite growth_of_ones, sqrt_1.
    rewrite Rmin_right; [f_equal; ring|]. right. field. lra. }
  unfold eta. rewrite E. unfold one.
  change (kappa < budget (fun _ => 1) (fun _ => 1) (fun _ => 1)
    (fun _ => / INR l * sqrt (INR 1 * INR 1)) l).
  rewrite budget_of_ones. exact C.
Qed.
