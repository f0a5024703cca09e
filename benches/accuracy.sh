#!/usr/bin/env bash
# Everything in MODEL.md that has a figure, from nothing: synthetic sets, the model, its figures, the ablations, the
# naive baseline, and how names stand when the same radiograph comes in another form.
#
# usage: benches/accuracy.sh FOLDER [model|figures]
#   FOLDER   sets, models and figures go here
#   model    the training sets and the model
#   figures  the test sets and every figure, of the model in FOLDER or else of the one built in
# Without a second word both run: about 45 GB, three hours on two cores. Same bytes each time.
# The baseline, the changed forms and the other constructions need Python with numpy, scipy, scikit-image, opencv, pillow, pydicom and pycocotools ($PYTHON).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
out=$(realpath -m "$1")
step=${2:-all}
python=${PYTHON:-python3}
calxray=${CALXRAY:-target/release/calxray}
[ -x "$calxray" ] || cargo build --release
mkdir -p "$out"

six=rice_grain,phlebolith,tumoral_calcinosis,calcific_tendinitis,ossification,calcification
further=injection_granuloma,calcinosis_cutis,fascial_sheet,chondrocalcinosis,metastatic_calcification,vascular_calcification,mineralised_mass
# Real radiographs of the project that show no deposit.
normal=$(ls fixtures/radiographs/* | grep -E '\.(dcm|png)$' | grep -v breast | tr '\n' ' ')

# set NAME OPTION...: a synthetic set, unless it is there.
set_of() {
    local name=$1
    shift
    [ -e "$out/$name/truth.json" ] || "$calxray" phantom --quiet --out "$out/$name" "$@"
}

# drawn_by SCRIPT NAME OPTION...: a set of another construction, unless it is there.
drawn_by() {
    local script=$1 name=$2
    shift 2
    [ -e "$out/$name/truth.json" ] || "$python" "benches/$script.py" "$out/$name" "$@"
}

training_sets() {
    set_of train-rare-1 --seed 21 --count 240 --normal 0 --density 0.5,2 --spacing 0.12,0.2 \
        --label calcification,ossification,tumoral_calcinosis,calcific_tendinitis,phlebolith
    set_of train-rare-2 --seed 23 --count 240 --normal 0 --density 0.4,1.5 --spacing 0.12,0.22 --label calcification,ossification
    set_of train-rare-3 --seed 24 --count 240 --normal 0 --density 0.4,1.5 --spacing 0.12,0.22 \
        --label calcification,ossification,tumoral_calcinosis,calcific_tendinitis,phlebolith
    set_of train-further --seed 31 --count 260 --normal 0 --density 0.3,2 --spacing 0.12,0.2 --label $further
    set_of train-further-2 --seed 32 --count 240 --normal 0 --density 0.3,2 --spacing 0.12,0.2 --label $further
    set_of train-inserted --seed 5 --count 150 --label $six,$further --into $normal
    set_of train-inserted-2 --seed 6 --count 700 --normal 0.15 --label $six,$further --into $normal
    # Deposits from smooth to rough, with sharp and soft margins, and up to twice as dense.
    local varied="--roughness 0.03,1.6 --softness 0.9"
    set_of train-varied-1 --seed 41 --count 260 --normal 0.15 --density 0.2,4 $varied --spacing 0.1,0.3 --label $six
    set_of train-varied-2 --seed 42 --count 300 --normal 0 --density 0.3,4 $varied --spacing 0.1,0.3 \
        --label calcification,ossification,tumoral_calcinosis,calcific_tendinitis,phlebolith
    set_of train-varied-3 --seed 43 --count 300 --normal 0 --density 0.3,4 $varied --spacing 0.1,0.25 \
        --label calcification,ossification,tumoral_calcinosis,calcific_tendinitis
    set_of train-varied-4 --seed 44 --count 260 --normal 0.25 --density 0.2,4 $varied --spacing 0.1,0.25 --distractors 0.4
    # Bodies and deposits of two other constructions, each written without sight of the others.
    for seed in 101 102 103; do drawn_by foreign "train-foreign-$seed" --seed $seed --count 200 --normal 0.25 --split train; done
    for seed in 201 202; do drawn_by solids "train-solids-$seed" --seed $seed --count 160 --normal 0.2 --split train; done
}

test_sets() {
    set_of validation --seed 11 --count 120 --split validation --spacing 0.12,0.2
    # What the model is joined and calibrated on; it has learned from none of these.
    set_of calibrate-plain --seed 53 --count 240
    drawn_by foreign calibrate-foreign --seed 104 --count 200 --normal 0.25 --split train
    drawn_by solids calibrate-solids --seed 203 --count 160 --normal 0.2 --split train
    set_of test --seed 777 --count 200 --split test
    # Deposits of a density at which they are seen well.
    set_of clear --seed 999 --count 200 --normal 0 --density 1,2 --split test
    # Looked at while working: no figure of it is of a fresh image.
    set_of test-seen --seed 77 --count 200 --split test
    drawn_by foreign foreign --seed 5 --count 60
    drawn_by solids solids --seed 4 --count 120
    set_of test-further --seed 78 --count 100 --split test --normal 0 --label $further
}

# The model from the training sets, its forests averaged with those of an earlier one, which was fitted by this script as of commit
# 2bd884a to 3,770 radiographs of `calxray phantom` alone; and one that has not met the third construction, to see how far what was
# learned carries over. The network looks at what the model before suspects. How forests and network are joined, what the names of other
# foci say, and what a score means are fitted last, on pictures of their own.
fit() {
    before
    fit_to "$out/fitted.json" "$out"/train-*/truth.json
    fit_to "$out/model.without-solids.json" $(ls "$out"/train-*/truth.json | grep -v solids)
    "$calxray" train --labels "$out"/calibrate-*/truth.json --negative $normal --only-calibrate --against "$out/fitted.json" \
        --identity "calxray-model 6" --out "$out/model.json"
}

# Earlier models, from the history of the file.
before() {
    git show 2bd884a:src/classify/model/default.json >"$out/model-2.json"
    git show 0d2d1f7:src/classify/model/default.json >"$out/model-4.json"
}

# Forests that are fitted alike to few pictures, without a network: with all inputs, without those of the scene, and without those that
# say where in the body a focus lies. What each part buys is told by them; refitting the model without each takes hours.
ablations() {
    [ -e "$out/few.json" ] || "$calxray" train --labels "$out/calibrate-plain/truth.json" --out "$out/few.json" \
        --against "$out/model-2.json" --identity "few pictures" --without scene=$scene --without location=$location >"$out/figures/few.txt"
}

# fit_to MODEL TRUTH...
fit_to() {
    "$calxray" train --labels "${@:2}" --negative $normal --out "$1" --mean-with "$out/model-2.json" \
        --against "$out/model-4.json" --identity "calxray-model 6, not calibrated"
}

# score NAME SET OPTION...: what `scan` finds in SET with OPTION..., scored; the table in figures/NAME.txt.
score() {
    local name=$1 set=$2
    shift 2
    rm -rf "$out/found/$name"
    "$calxray" scan "$out/$set" --out "$out/found/$name" --format csv,jsonl --min-score 0.02 --progress none "$@" >"$out/found/$name.log"
    judge "$name" "$set" "$out/found/$name/findings.jsonl"
}

judge() {
    "$calxray" evaluate --truth "$out/$2/truth.json" --found "$3" \
        --json "$out/figures/$1.json" --html "$out/figures/$1.html" >"$out/figures/$1.txt"
}

figures() {
    mkdir -p "$out/figures" "$out/found"
    before
    ablations
    local model=()
    [ ! -e "$out/model.json" ] || model=(--model "$out/model.json")
    score test test "${model[@]}"
    score test-seen test-seen "${model[@]}"
    score clear clear "${model[@]}"
    score validation validation "${model[@]}"
    score foreign foreign "${model[@]}"
    score solids solids "${model[@]}"
    [ ! -e "$out/model.without-solids.json" ] || score solids-unseen solids --model "$out/model.without-solids.json"
    # What the network buys: the forests alone are those of the model before.
    score without-network test --model "$out/model-4.json"
    score further test-further "${model[@]}"
    # What each part buys: forests without the inputs of that part beside forests with all, and the rules without any.
    printf 'classifier = "rules"\n' >"$out/rules.toml"
    score rules-only test --settings "$out/rules.toml"
    score few test --model "$out/few.json"
    for part in scene location; do
        score "without-$part" test --model "$out/few.without-$part.json"
    done
    "$python" benches/baseline.py "$out/test" "$out/baseline.json"
    judge baseline test "$out/baseline.json"
    # The same radiographs in other forms.
    "$python" benches/forms.py make "$out/test-seen" "$out/forms" 60
    for form in "$out"/forms/*; do
        "$calxray" scan "$form" --out "$out/found/forms/$(basename "$form")" --format csv --progress none --fresh "${model[@]}" >"$out/found/forms.log"
    done
    "$python" benches/forms.py compare "$out/found/forms" | tee "$out/figures/forms.txt"
    # Real radiographs, without a deposit but the breast.
    "$calxray" scan fixtures/radiographs --modality any --out "$out/found/real" --fresh "${model[@]}" | tee "$out/figures/real.txt"
}

# Inputs that come from reading the scene, and of these those that say where in the body a focus lies.
location=bone_opposite_mm,bone_beside_mm,bone_near_directions,bone_gap,bone_directions,distance_to_bone_mm,distance_to_skin_mm,distance_to_field_edge_mm,angle_to_limb_axis_deg,background_level,at_pelvis,at_shoulder,at_limb,at_joint,at_hand_or_foot
scene=$location,bone_overlap,metal_overlap,body_overlap,skin_contact,field_edge_contact,relative_density

case $step in
model) training_sets && test_sets && fit ;;
figures) test_sets && figures ;;
all) training_sets && test_sets && fit && figures ;;
*) echo "unknown step: $step" >&2 && exit 2 ;;
esac
