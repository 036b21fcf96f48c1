# One image for the web server, the coordinator and the workers; docker-compose.yml chooses the command of each.

FROM node:20-slim AS pages
WORKDIR /espalier/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ESPALIER_HOST=0.0.0.0 ESPALIER_VAR=/var/lib/espalier
RUN useradd --create-home espalier && install -d -o espalier -m 700 /var/lib/espalier
WORKDIR /espalier
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY manage.py ./
COPY search search
COPY webapp webapp
COPY docs docs
COPY --from=pages /espalier/webapp/static/app webapp/static/app
USER espalier
EXPOSE 8000
CMD ["python", "manage.py", "web"]
