//! Radiograph to response: background flattening and multi-scale top-hat in units of local noise.
