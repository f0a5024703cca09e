# calxray alone: a static binary, no shell, no user but one.
FROM rust:1-alpine AS build
WORKDIR /calxray
COPY . .
RUN apk add --no-cache musl-dev \
    && cargo build --release --locked \
    && mkdir -p /root-of-image/spool /root-of-image/out \
    && cp target/release/calxray /root-of-image/calxray

FROM scratch
COPY --from=build --chown=65532:65532 /root-of-image/ /
USER 65532:65532
EXPOSE 11112
ENTRYPOINT ["/calxray"]
CMD ["--help"]
