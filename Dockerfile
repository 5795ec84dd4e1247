# The server with its dashboard. Agents run on line PCs, not in containers.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY demo/package.json demo/
COPY test/package.json test/
COPY apps/server/package.json apps/server/
COPY apps/agent/package.json apps/agent/
COPY apps/cli/package.json apps/cli/
COPY apps/web/package.json apps/web/
COPY packages/contract/package.json packages/contract/
COPY packages/dfu-core/package.json packages/dfu-core/
COPY packages/durable-files/package.json packages/durable-files/
COPY packages/event-stream/package.json packages/event-stream/
COPY packages/signing/package.json packages/signing/
COPY packages/usb-host/package.json packages/usb-host/
COPY packages/verdict/package.json packages/verdict/
COPY packages/virtual-stm32/package.json packages/virtual-stm32/
# npm checks that a bin's target exists before it links it.
COPY apps/server/bin apps/server/bin
COPY apps/agent/bin apps/agent/bin
COPY apps/cli/bin apps/cli/bin
RUN npm ci
COPY . .
RUN node scripts/prepare.mjs && npx tsc -b apps/server && npm run build:web
# Only what the server needs to run.
RUN npm ci --omit=dev -w apps/server

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    FLASHLINE_HOST=0.0.0.0 \
    FLASHLINE_PORT=8370 \
    FLASHLINE_DATA=/data
WORKDIR /app
COPY --from=build --chown=root:root /app /app
RUN install -d -o node -g node -m 0750 /data
USER node
VOLUME /data
EXPOSE 8370
# A grown database is migrated before anything listens.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10m \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.FLASHLINE_PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "apps/server/dist/main.js"]
CMD ["start"]
