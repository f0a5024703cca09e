//! Grey and binary operators on arrays and masks: erosion, dilation, opening, top-hat, distance.
