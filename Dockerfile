# docs/install.md, "In a container". Nothing here depends on the processor: amd64 and arm64 have the same steps.
ARG PYTHON=3.13-slim-trixie

FROM python:${PYTHON} AS build
# `sentence-transformers` among them brings torch; then PIP_EXTRA_INDEX_URL names where its CPU build is.
ARG EXTRAS=mcp,metrics,redis,postgresql,ollama,openai,mistralai
ARG PIP_EXTRA_INDEX_URL
WORKDIR /build
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN python -m venv /opt/partnerbot
RUN /opt/partnerbot/bin/pip install --no-cache-dir --only-binary :all: -c constraints.txt ".[${EXTRAS}]"

FROM python:${PYTHON}
RUN useradd --uid 10001 --no-create-home partnerbot && mkdir /site /data && chown partnerbot /data
COPY --from=build /opt/partnerbot /opt/partnerbot
ENV PATH=/opt/partnerbot/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PARTNERBOT_HOST=0.0.0.0 \
    PARTNERBOT_PORT=7860 \
    PARTNERBOT_INDEX=/data/index \
    PARTNERBOT_SYNCED=/data/synced \
    PARTNERBOT_STATE=/data/state
# The institution's folder, only read: documents/, appearance.toml, .env …
WORKDIR /site
USER 10001
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/ready', timeout=8)"]
CMD ["partnerbot", "serve"]
