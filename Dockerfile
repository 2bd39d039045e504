# 暖驿 as a container: not root, read-only code, a health check. Build: docker build -t nuanyi .
FROM python:3.11-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    NUANYI_INSTANCE=/data FLASK_APP=app
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
RUN pybabel -q compile -d locales && useradd --system --uid 10001 nuanyi && install -d -o nuanyi -m 0700 /data
USER nuanyi
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["sh", "docs/start.sh"]
