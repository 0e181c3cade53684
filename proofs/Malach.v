(** * One weight from ReLU neurons (chapter _malach_) *)

From Coq Require Import Reals Lra Psatz Lia Arith.
From GoldenTickets Require Import Sums.
Open Scope R_scope.

(** σ in the book. *)
Definition relu (z : R) : R := Rmax z 0.

Lemma relu_pos z : 0 <= z -> relu z = z.
Proof. intros. apply Rmax_left. lra. Qed.
Lemma relu_neg z : z <= 0 -> relu z = 0.
Proof. intros. apply Rmax_right. lra. Qed.

(** Case distinctions on the sign of what a ReLU is applied to. *)
Ltac relus := repeat match goal with
  | |- context [relu ?z] => destruct (Rle_dec 0 z);
      [rewrite (relu_pos z) by nra | rewrite (relu_neg z) by nra]
  | H : context [relu ?z] |- _ => destruct (Rle_dec 0 z);
      [rewrite (relu_pos z) in H by nra | rewrite (relu_neg z) in H by nra]
  end.

(** [relu-identity] (whole). *)
Theorem relu_identity w x : w * x = relu (w * x) - relu (- (w * x)).
Proof. relus; lra. Qed.

(** [sign-rule] (whole): "up to swapping" is the second case. *)
Theorem sign_rule a b c d w : w <> 0 ->
  ((forall x, a * relu (b * x) + c * relu (d * x) = w * x) <->
   (d < 0 < b /\ a * b = w /\ c * d = w) \/ (b < 0 < d /\ c * d = w /\ a * b = w)).
Proof.
  intros Hw. split.
  - intros H. pose proof (H 1) as H1. pose proof (H (-1)) as H2. clear H. relus; try nra.
    all: destruct (Rtotal_order b 0) as [|[|]]; destruct (Rtotal_order d 0) as [|[|]];
      subst; try nra; try (left; repeat split; nra); try (right; repeat split; nra).
  - intros [((Hb & Hd) & E1 & E2)|((Hd & Hb) & E1 & E2)] x;
      destruct (Rle_dec 0 x); relus; nra.
Qed.

(** [one-half-suffices] (whole). *)
Theorem one_half_suffices a b w : w <> 0 ->
  ((forall x, 0 <= x -> a * relu (b * x) = w * x) <-> b > 0 /\ a * b = w).
Proof.
  intros Hw. split.
  - intros H. specialize (H 1 ltac:(lra)).
    destruct (Rle_dec 0 (b * 1)) as [N|N];
      [rewrite relu_pos in H by lra|rewrite relu_neg in H by lra; lra].
    assert (b <> 0) by (intros ->; apply Hw; lra). split; lra.
  - intros (Hb & E) x Hx. relus; nra.
Qed.

Lemma Rabs_le_inv x a : Rabs x <= a -> - a <= x <= a.
Proof. intros H. pose proof (Rle_abs x). pose proof (Rle_abs (- x)). rewrite Rabs_Ropp in *. lra. Qed.

(** One half: the neuron for [x > 0]. *)
Lemma malach_error_one_half w epsilon a b :
  Rabs w <= 1 -> 0 < epsilon <= 2 -> Rabs (a - w) <= epsilon / 2 -> 1 - epsilon / 2 <= b <= 1 ->
  Rabs (a * b - w) <= epsilon - epsilon * epsilon / 4.
Proof.
  intros Hw He Ha Hb. apply Rabs_le_inv in Hw. apply Rabs_le_inv in Ha. apply Rabs_le.
  assert (E : a * b - w = (a - w) * b - w * (1 - b)) by ring. rewrite E. clear E.
  assert (0 <= b) by lra. assert (0 <= 1 - b <= epsilon / 2) by lra.
  assert (- (epsilon / 2) * b <= (a - w) * b <= epsilon / 2 * b)
    by (split; apply Rmult_le_compat_r; lra).
  assert (- (1 - b) <= w * (1 - b) <= 1 - b) by nra. split; nra.
Qed.

(** [malach-error] (whole). *)
Theorem malach_error w epsilon a b c d :
  Rabs w <= 1 -> 0 < epsilon <= 2 ->
  (Rabs (a - w) <= epsilon / 2 -> 1 - epsilon / 2 <= b <= 1 ->
     Rabs (a * b - w) <= epsilon - epsilon ^ 2 / 4 <= epsilon) /\
  (Rabs (c + w) <= epsilon / 2 -> -1 <= d <= -1 + epsilon / 2 ->
     Rabs (c * d - w) <= epsilon - epsilon ^ 2 / 4 <= epsilon).
Proof.
  intros Hw He. split; intros H1 H2; (split; [|nra]).
  - pose proof (malach_error_one_half w epsilon a b Hw He H1 H2). lra.
  - pose proof (malach_error_one_half w epsilon (- c) (- d) Hw He) as H.
    replace (- c * - d - w) with (c * d - w) in H by ring.
    replace (- c - w) with (- (c + w)) in H by ring. rewrite Rabs_Ropp in H.
    specialize (H H1 ltac:(lra)). lra.
Qed.
