import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse, parseAllDocuments } from 'yaml';
import { KNOWN_VENDORS } from '../../libs/models/src/registry/known-vendors.js';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Record<string, never> & { replicas?: number; template: { spec: PodSpec } };
}
interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly securityContext: Record<string, unknown>;
  readonly terminationGracePeriodSeconds?: number;
  readonly topologySpreadConstraints?: readonly { readonly topologyKey: string }[];
  readonly volumes: readonly Record<string, unknown>[];
  readonly containers: readonly Container[];
}
interface Probe {
  readonly httpGet: { readonly path: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}
interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly image: string;
  readonly ports: readonly { readonly containerPort: number }[];
  readonly envFrom: readonly object[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly securityContext: Record<string, unknown>;
  readonly resources: unknown;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly startupProbe: Probe;
  readonly lifecycle?: unknown;
}

const require = createRequire(import.meta.url);
const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const SECRET_NAMES = /KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL|REDIS_URL/;

const documents = (text: string) =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);

const overlay = (name: string) =>
  documents(execFileSync('kubectl', ['kustomize', `k8s/overlays/${name}`], { encoding: 'utf8' }));

const chart = (values: object = {}) =>
  documents(
    execFileSync(process.execPath, ['test/fixtures/render-chart.mjs', JSON.stringify(values)], { encoding: 'utf8' }),
  );

const podOf = (manifest: Manifest) => manifest.spec.template.spec;
const withPods = (manifests: readonly Manifest[]) =>
  manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
const named = (manifests: readonly Manifest[], kind: string, name: string) => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found)
    throw new Error(`No ${kind} '${name}' among ${manifests.map((m) => `${m.kind}/${m.metadata.name}`).join(', ')}`);
  return found;
};

const RENDERED: readonly [string, () => Manifest[]][] = [
  ['the Helm chart', () => plainChart()],
  ...(kubectl
    ? ['staging', 'production'].map((name): [string, () => Manifest[]] => [`the overlay ${name}`, () => overlay(name)])
    : []),
];

let charted: Manifest[] | undefined;
/** The chart with its own values. Loading Go's engine takes longer than all other rendering. */
const plainChart = () => (charted ??= chart());

describe.each(RENDERED)('%s', (_, rendered) => {
  let manifests: Manifest[];
  beforeAll(() => {
    manifests = rendered();
  });

  it('is valid by the schema of every resource', () => {
    for (const manifest of manifests) {
      const Model = require(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`)[manifest.kind] as new (
        m: Manifest,
      ) => { validate(): void };
      expect(() => new Model(manifest).validate()).not.toThrow();
    }
  });

  it('runs at least three API pods on port 8000 with the sizes of the contract, and leaves their number to the autoscaler', () => {
    const api = named(manifests, 'Deployment', 'guildhall-api');
    const container = podOf(api).containers[0]!;
    expect(named(manifests, 'HorizontalPodAutoscaler', 'guildhall-api').spec).toMatchObject({ minReplicas: 3 });
    for (const { kind, spec } of manifests) if (kind === 'Deployment') expect(spec).not.toHaveProperty('replicas');
    expect(container.ports[0]!.containerPort).toBe(8000);
    expect(container.resources).toEqual({
      requests: { memory: '256Mi', cpu: '250m' },
      limits: { memory: '512Mi', cpu: '500m' },
    });
  });

  it('takes every secret by reference, the database from key database-url', () => {
    for (const { containers } of withPods(manifests).map(podOf)) {
      const env = containers.flatMap((container) => container.env);
      expect(env.find(({ name }) => name === 'DATABASE_URL')?.valueFrom?.secretKeyRef.key).toBe('database-url');
      expect(env.filter(({ name, value }) => SECRET_NAMES.test(name) && value !== undefined)).toEqual([]);
    }
    const config = manifests.find(({ kind }) => kind === 'ConfigMap') as unknown as { data: Record<string, string> };
    expect(Object.keys(config.data).filter((name) => SECRET_NAMES.test(name))).toEqual([]);
  });

  it('takes keys of providers from a Secret that need not be there, and nothing from the names of Services', () => {
    for (const { containers, enableServiceLinks } of withPods(manifests).map(podOf)) {
      expect(enableServiceLinks).toBe(false);
      expect(containers[0]!.envFrom).toEqual([
        { configMapRef: { name: 'guildhall' } },
        { secretRef: { name: 'guildhall-providers', optional: true } },
      ]);
    }
  });

  it('names the migration by the image, so that a new one can be applied over it', () => {
    const jobs = manifests.filter(({ kind }) => kind === 'Job');
    const tags = new Set(withPods(manifests).map((manifest) => podOf(manifest).containers[0]!.image.split(':').at(-1)));
    expect(tags.size).toBe(1);
    expect(jobs.map(({ metadata }) => metadata.name)).toEqual([`guildhall-migrate-${[...tags][0]}`]);
    expect(podOf(jobs[0]!).containers[0]!.command).toEqual(['guildhall', 'migrate']);
  });

  it('asks the Secret for nothing that the command of the docs does not put there', () => {
    const page = readFileSync('docs/kubernetes.md', 'utf8');
    const command = /kubectl create secret generic guildhall --namespace guildhall(?: \\\n|.)*/.exec(page)![0];
    const made = [...command.matchAll(/--from-literal=([a-z-]+)=/g)].map((found) => found[1]);
    const env = withPods(manifests).flatMap((manifest) => podOf(manifest).containers.flatMap((each) => each.env));
    const asked = env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
    expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(made));
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['guildhall']));
  });

  it('lets pods ask for names on port 53, reach managed databases, and models of the cluster by their label', () => {
    const { egress } = named(manifests, 'NetworkPolicy', 'guildhall-egress').spec as unknown as {
      egress: { to?: Record<string, unknown>[]; ports?: { protocol: string; port: number }[] }[];
    };
    const rule = (port: number) => egress.find(({ ports }) => ports?.some((each) => each.port === port))!;
    expect(rule(53)).toEqual({ ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) });
    for (const port of [5432, 6379]) {
      const cidrs = rule(port).to!.map((peer) => (peer['ipBlock'] as { cidr?: string } | undefined)?.cidr);
      expect(cidrs).toEqual(['0.0.0.0/0', '::/0', undefined]);
      expect(rule(port).to).toContainEqual({ namespaceSelector: {} });
    }
    const models = { namespaceSelector: {}, podSelector: { matchLabels: { 'guildhall/reachable': 'true' } } };
    expect(egress).toContainEqual({ to: [models] });
  });

  it('satisfies the restricted pod security standard with a read-only root', () => {
    for (const pod of withPods(manifests).map(podOf)) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: expect.any(Number),
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
      expect(pod.hostNetwork ?? pod.hostPID ?? false).toBe(false);
      expect(
        pod.volumes.every(
          (volume) => 'emptyDir' in volume && (volume['emptyDir'] as { sizeLimit?: string }).sizeLimit !== undefined,
        ),
      ).toBe(true);
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('probes liveness without the database and gives a start 300 s', () => {
    for (const name of ['guildhall-api', 'guildhall-worker']) {
      const container = podOf(named(manifests, 'Deployment', name)).containers[0]!;
      expect(container.livenessProbe.httpGet.path).toBe('/health/live');
      expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
      expect(container.startupProbe.periodSeconds * container.startupProbe.failureThreshold).toBe(300);
    }
  });

  it('leaves a stopping pod more time than its own grace and rolls without a gap', () => {
    const grace = Number(
      (manifests.find(({ kind }) => kind === 'ConfigMap') as unknown as { data: { SHUTDOWN_GRACE_MS: string } }).data
        .SHUTDOWN_GRACE_MS,
    );
    for (const name of ['guildhall-api', 'guildhall-worker']) {
      const deployment = named(manifests, 'Deployment', name);
      expect(podOf(deployment).terminationGracePeriodSeconds! * 1000).toBeGreaterThan(grace + 5000);
      expect(podOf(deployment).containers[0]!.lifecycle).toEqual({ preStop: { exec: { command: ['sleep', '5'] } } });
      expect(deployment.spec).toMatchObject({ strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } });
      expect(podOf(deployment).topologySpreadConstraints!.map(({ topologyKey }) => topologyKey)).toEqual([
        'kubernetes.io/hostname',
        'topology.kubernetes.io/zone',
      ]);
    }
  });

  it('budgets disruption and scales API and workers apart, slowly down', () => {
    for (const name of ['guildhall-api', 'guildhall-worker']) {
      expect(named(manifests, 'PodDisruptionBudget', name).spec).toMatchObject({ maxUnavailable: 1 });
      expect(named(manifests, 'HorizontalPodAutoscaler', name).spec).toMatchObject({
        behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
      });
    }
  });

  it('denies all traffic that no rule allows, and metadata addresses always', () => {
    expect(named(manifests, 'NetworkPolicy', 'guildhall-default-deny').spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
    });
    const outward = JSON.stringify(named(manifests, 'NetworkPolicy', 'guildhall-egress').spec);
    expect(outward).toContain('169.254.0.0/16');
    const labels = withPods(manifests).map(
      ({ spec }) => (spec.template as unknown as { metadata: { labels: Record<string, string> } }).metadata.labels,
    );
    expect(labels.every((label) => label['app.kubernetes.io/part-of'] === 'guildhall')).toBe(true);
  });
});

(kubectl ? describe : describe.skip)('kustomize', () => {
  it('gives everything the namespace of its overlay, which it makes, and one image', () => {
    for (const [name, namespace] of [
      ['production', 'guildhall'],
      ['staging', 'guildhall-staging'],
    ] as const) {
      const manifests = overlay(name);
      expect(named(manifests, 'Namespace', namespace).metadata).toMatchObject({
        labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      });
      const others = manifests.filter(({ kind }) => kind !== 'Namespace');
      expect(new Set(others.map(({ metadata }) => metadata.namespace))).toEqual(new Set([namespace]));
    }
  });

  it('renders what the chart does', () => {
    // Helm brings the namespace, and its own hooks in place of Argo's.
    const ofHelm = ({ kind }: Manifest) => (kind === 'Job' ? ['namespace', 'annotations'] : ['namespace']);
    const plain = (manifests: readonly Manifest[]) =>
      manifests
        .filter(({ kind }) => kind !== 'Namespace')
        .map((manifest) => ({ ...manifest, metadata: without(manifest.metadata, ofHelm(manifest)) }))
        .toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
    expect(plain(overlay('production'))).toEqual(plain(plainChart()));
  });

  it('scales workers on a metric that exists, where an adapter serves it', () => {
    const component = readFileSync('k8s/components/queue-autoscaling/kustomization.yaml', 'utf8');
    const metric = /metric: \{ name: (\w+) \}/.exec(component)![1];
    expect(readFileSync('docs/metrics.md', 'utf8')).toContain(`| \`${metric}\``);
  });
});

const keyOf = ({ kind, metadata }: Manifest) => `${kind}/${metadata.name}`;
const without = (metadata: Manifest['metadata'], names: readonly string[]) =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name))) as Manifest['metadata'];

describe('the values of the Helm chart', () => {
  it('reach what they are for', () => {
    const manifests = chart({
      image: { repository: 'registry:5000/guildhall', tag: '0.2.0' },
      ingress: { enabled: false },
      network: { enabled: false },
      config: { NODE_ENV: 'staging', WORKER_PORT: 8001 },
    });
    const kinds = manifests.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'Ingress' || kind === 'NetworkPolicy')).toEqual([]);
    const images = withPods(manifests).map((manifest) => podOf(manifest).containers[0]!.image);
    expect(new Set(images)).toEqual(new Set(['registry:5000/guildhall:0.2.0']));
    expect(named(manifests, 'Job', 'guildhall-migrate-0.2.0')).toBeDefined();
    expect(named(manifests, 'ConfigMap', 'guildhall')).toMatchObject({
      data: { NODE_ENV: 'staging', WORKER_PORT: '8001' },
    });
  });
});

describe('compose.yaml', () => {
  interface Service {
    readonly ports?: readonly string[];
    readonly deploy?: { readonly replicas: number };
    readonly read_only?: boolean;
    readonly image?: string;
    readonly environment?: Readonly<Record<string, string>>;
  }
  const { services } = parse(readFileSync('compose.yaml', 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
  };

  it('runs three API replicas and workers behind nginx on port 80, with Postgres and Redis', () => {
    expect(Object.keys(services).toSorted()).toEqual(['api', 'migrate', 'nginx', 'postgres', 'redis', 'worker']);
    expect(services['api']!.deploy?.replicas).toBe(3);
    expect(services['nginx']!.ports).toEqual(['80:80']);
    expect(services['postgres']!.image).toContain('pgvector');
  });

  it('hands every setting of a known vendor on to our containers', () => {
    const settings = KNOWN_VENDORS.flatMap(({ keySetting, keysSetting, urlSetting }) => [
      keySetting,
      ...(keysSetting === undefined ? [] : [keysSetting]),
      urlSetting,
    ]);
    const example = readFileSync('.env.compose.example', 'utf8');
    for (const name of settings) {
      for (const service of ['api', 'worker', 'migrate']) {
        expect(services[service]!.environment).toHaveProperty(name, `\${${name}:-}`);
      }
      expect(example).toContain(`\n${name}=\n`);
    }
  });

  it('keeps our containers read-only', () => {
    expect(['api', 'worker', 'migrate'].every((name) => services[name]!.read_only)).toBe(true);
  });

  it('hands event streams on unbuffered', () => {
    expect(readFileSync('deploy/nginx.conf', 'utf8')).toMatch(/proxy_buffering off;/);
  });
});

describe('the Dockerfile', () => {
  const text = readFileSync('Dockerfile', 'utf8');
  it('is multi-stage, runs as a numeric non-root user and starts Node in exec form', () => {
    expect(text.match(/^FROM /gm)).toHaveLength(2);
    expect(text).toMatch(/^USER \d+:\d+$/m);
    expect(text).toMatch(/^CMD \["node", /m);
  });

  it('has guildhall on the PATH, from a file that starts itself', () => {
    expect(text).toContain('ln -s /app/dist/apps/cli/apps/cli/src/main.js /usr/local/bin/guildhall');
    expect(text).toContain('chmod 755 dist/apps/cli/apps/cli/src/main.js');
    expect(readFileSync('apps/cli/src/main.ts', 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
