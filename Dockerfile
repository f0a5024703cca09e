# calxray alone: a static binary, no shell, no user but one.
FROM rust:1-alpine AS build
WORKDIR /calxray
COPY . .
RUN apk add --no-cache musl-dev \
    && cargo build --release --locked \
    && mkdir -p /root-of-image/spool /root-of-image/out \
    && cp target/release/calxray /root-of-image/calxray

FROM scratch AS calxray
COPY --from=build --chown=65532:65532 /root-of-image/ /
USER 65532:65532
EXPOSE 11112
ENTRYPOINT ["/calxray"]
CMD ["--help"]

# `docker build --target mercure`: reads /tmp/data and leaves DICOM objects in /tmp/output, as that router runs its modules.
FROM calxray AS mercure
CMD ["scan", "/tmp/data", "--out", "/tmp/output/calxray", "--objects", "/tmp/output", "--format", "jsonl,sr,seg,sc", "--progress", "none"]

FROM calxray
