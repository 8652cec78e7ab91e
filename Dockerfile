# One image for all roles; compose/compose.yaml runs it. The first stage compiles, so that the image
# contains no compiler.
FROM node:22.23.2-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY compiler ./compiler
RUN npm ci --omit=dev --no-audit --no-fund
COPY . .
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json \
  && node client/build.js \
  && rm -r dist/.tsbuildinfo node_modules/typescript node_modules/@typescript node_modules/@types \
    node_modules/esbuild node_modules/@esbuild node_modules/@swc node_modules/likestream-compiler

FROM node:22.23.2-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# For the volume with the secrets of compose.yaml, which gets this owner.
RUN install -d -o node -g node -m 700 /run/likestream
USER node
EXPOSE 8080 9090 7000
# Node is the first process and gets SIGTERM itself; npm would not pass it on.
CMD ["node", "dist/main.js"]
