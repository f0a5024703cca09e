//! Results to bytes: tables, JSON lines, COCO, overlays. Every file is written atomically.
