import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse, parseAllDocuments } from 'yaml';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Record<string, never> & { replicas?: number; template: { spec: PodSpec } };
}
interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
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
  readonly ports: readonly { readonly containerPort: number }[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly key: string } };
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

function render(overlay: string): Manifest[] {
  const text = execFileSync('kubectl', ['kustomize', `k8s/overlays/${overlay}`], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

const podOf = (manifest: Manifest) => manifest.spec.template.spec;
const withPods = (manifests: readonly Manifest[]) =>
  manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
const named = (manifests: readonly Manifest[], kind: string, name: string) => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found)
    throw new Error(`No ${kind} '${name}' among ${manifests.map((m) => `${m.kind}/${m.metadata.name}`).join(', ')}`);
  return found;
};

(kubectl ? describe : describe.skip).each(['staging', 'production'])('the rendered %s overlay', (overlay) => {
  let manifests: Manifest[];
  beforeAll(() => {
    manifests = render(overlay);
  });

  it('is valid by the schema of every resource', () => {
    for (const manifest of manifests) {
      const Model = require(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`)[manifest.kind] as new (
        m: Manifest,
      ) => { validate(): void };
      expect(() => new Model(manifest).validate()).not.toThrow();
    }
  });

  it('runs three API replicas on port 8000 with the sizes of the contract', () => {
    const api = named(manifests, 'Deployment', 'guildhall-api');
    const container = podOf(api).containers[0]!;
    expect(api.spec.replicas).toBe(3);
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

describe('compose.yaml', () => {
  interface Service {
    readonly ports?: readonly string[];
    readonly deploy?: { readonly replicas: number };
    readonly read_only?: boolean;
    readonly image?: string;
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
});
