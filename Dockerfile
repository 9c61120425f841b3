# syntax=docker/dockerfile:1
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# Dependencies first: this layer is rebuilt only when they change.
COPY package.json package-lock.json .npmrc ./
COPY libs/sdk/package.json libs/sdk/
COPY plugins/example-weather/package.json plugins/example-weather/
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY . .
RUN npm run build \
 && chmod 755 dist/apps/cli/apps/cli/src/main.js \
 && npm prune --omit=dev --no-audit --no-fund --ignore-scripts \
 && rm -rf node_modules/node-linux-* node_modules/node-win-* node_modules/.cache

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    NODE_OPTIONS=--max-old-space-size=384
WORKDIR /app
LABEL org.opencontainers.image.title="Guildhall" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chown=0:0 /app/package.json ./
COPY --from=build --chown=0:0 /app/node_modules ./node_modules
COPY --from=build --chown=0:0 /app/libs/sdk ./libs/sdk
COPY --from=build --chown=0:0 /app/plugins ./plugins
COPY --from=build --chown=0:0 /app/scripts/start.mjs ./scripts/
COPY --from=build --chown=0:0 /app/dist ./dist
RUN ln -s /app/dist/apps/cli/apps/cli/src/main.js /usr/local/bin/guildhall
# Owned by root, run by nobody in particular: the process can change nothing of itself, so the root may be read-only.
USER 10001:10001
EXPOSE 8000 8001
# Exec form: Node is process 1 and gets SIGTERM itself. Worker and migration run the same image with another command.
CMD ["node", "dist/apps/api/apps/api/src/main.js"]
