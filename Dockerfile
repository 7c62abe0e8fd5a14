# docker build --tag dexcom_exporter .
# docker run --publish 127.0.0.1:10180:10180 --volume ./config:/etc/dexcom_exporter:ro --volume dexcom:/var/lib/dexcom_exporter dexcom_exporter
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH TARGETVARIANT
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH GOARM=${TARGETVARIANT#v} go build -trimpath -o /out/dexcom_exporter .
# The final image has no shell to make the state directory with.
RUN install --directory --mode=0700 /out/state/dexcom_exporter

# CA certificates come with this image, time zones with the binary.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/dexcom_exporter /usr/bin/dexcom_exporter
COPY --from=build --chown=65532:65532 /out/state /var/lib
USER 65532:65532
# Grants are single-use and irreplaceable: set `state_dir: /var/lib/dexcom_exporter` and keep this volume.
VOLUME /var/lib/dexcom_exporter
EXPOSE 10180
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["/usr/bin/dexcom_exporter", "healthy", "--config.file=/etc/dexcom_exporter/config.yaml"]
ENTRYPOINT ["/usr/bin/dexcom_exporter"]
CMD ["--config.file=/etc/dexcom_exporter/config.yaml", "--web.listen-address=:10180"]
