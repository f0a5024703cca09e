# calxray alone: a static binary, no shell, no user but one.
FROM docker.io/library/rust:1-alpine AS build
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

# `docker build --target mercure`. On busybox, which mercure runs itself and so has already: before it runs an image it asks it for
# /etc/monai/app.json with `cat`, and an image without that command is none to it.
FROM docker.io/library/busybox:stable-musl AS mercure
COPY --from=calxray /calxray /calxray
COPY docs/mercure.sh /mercure.sh
USER 65532:65532
ENTRYPOINT ["/mercure.sh"]

FROM calxray
