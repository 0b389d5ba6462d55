# syntax=docker/dockerfile:1
# The hub with its locked libraries and the shipped workspace, run by a user who may write nowhere but at home.
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/hub
COPY requirements/run.txt requirements/build.txt requirements/
RUN /opt/hub/bin/pip install --no-cache-dir --require-hashes --requirement requirements/run.txt \
 && pip install --no-cache-dir --require-hashes --requirement requirements/build.txt
COPY pyproject.toml README.md LICENSE NOTICE* hub.toml ./
COPY hub hub
COPY connectors connectors
COPY mappings mappings
COPY partners partners
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/hub/bin/pip install --no-cache-dir --no-deps /dist/*.whl

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home hub
COPY --from=build /opt/hub /opt/hub
ENV PATH=/opt/hub/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /home/hub
EXPOSE 8000 2222
ENTRYPOINT ["hub"]
CMD ["serve"]
